import type { CommandSpec } from '../../cli/option-spec.ts'
import { argumentOffer, globalOptions, helpWord, type Offer, offered, withArgument, wordsOffer } from './model.ts'

const assign = (offer: Offer): string => {
  if (offer === undefined) return 'kind=none'
  if (typeof offer === 'string') return `kind=${offer}`
  return 'names' in offer ? `kind=names names=${offer.names}` : `choices='${offer.join(' ')}'`
}

/** One branch for each sort of argument, with all options that take it. */
const argumentBranches = (spec: CommandSpec): string[] => {
  const namesByAction = new Map<string, string[]>()
  for (const option of withArgument(spec)) {
    const action = `${assign(argumentOffer(spec, option))}${option.argument?.optional ? ' more=yes' : ''}`
    namesByAction.set(action, [...(namesByAction.get(action) ?? []), `--${option.name}`])
  }
  return [...namesByAction].map(([action, names]) => `        ${names.join('|')}) ${action} ;;`)
}

const commandBranch = (spec: CommandSpec): string => {
  const words = wordsOffer(spec)
  const lines = [
    `    ${spec.name})`,
    `      options='${offered(spec)
      .map(({ name }) => `--${name}`)
      .join(' ')}'`,
  ]
  if (words === 'file' || words === 'directory') lines.push(`      words=${words}`)
  else if (words !== undefined && 'names' in words) lines.push(`      words=names names=${words.names}`)
  else if (words !== undefined) lines.push(`      words='${words.join(' ')}'`)
  const branches = argumentBranches(spec)
  if (branches.length > 0) lines.push('      case $previous in', ...branches, '      esac')
  return [...lines, '      ;;'].join('\n')
}

/**
 * The script for bash, 3.2 included. `--option=value` and `topic:0` come in three words, as `=` and `:` are among COMP_WORDBREAKS: what is
 * asked of kt is told the line itself, and which piece of its last word will be replaced.
 */
export const bashScript = (commands: readonly CommandSpec[]): string => {
  const first = [...commands.map(({ name }) => name), helpWord.name, ...globalOptions.map(({ name }) => name)]
  return `# Completion for kt in bash; made by \`kt completion bash\`.
_kt() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous at=$COMP_CWORD choice
  local options='' words='' choices='' kind='' names='' more=''
  COMPREPLY=()
  while ((at > 1)) && [[ \${COMP_WORDS[at]} == [:=]* || \${COMP_WORDS[at-1]} == [:=]* ]]; do
    ((at--))
  done
  previous=\${COMP_WORDS[at-1]}
  ((at < COMP_CWORD)) && [[ \${COMP_WORDS[at]} == --* ]] && previous=\${COMP_WORDS[at]}
  [[ $current == [:=]* ]] && current=''
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${first.join(' ')}' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
    help)
      choices='${commands.map(({ name }) => name).join(' ')}'
      ;;
${commands.map(commandBranch).join('\n')}
    *) return ;;
  esac
  if [[ -z $kind$choices || ( -n $more && $current == -* ) ]]; then
    if [[ $current == -* ]]; then
      choices=$options
    elif [[ $words == file || $words == directory || $words == names ]]; then
      kind=$words
    elif ((COMP_CWORD == 2)) && [[ -n $words ]]; then
      choices=$words
    else
      choices=$options
    fi
  fi
  case $kind in
    none) ;;
    file|directory)
      local IFS=$'\\n'
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -A "$kind" -- "$current"))
      ;;
    names)
      while IFS= read -r choice; do
        case $current in
          \\"*)
            choice=\${choice//\\\\/\\\\\\\\} choice=\${choice//\\"/\\\\\\"}
            choice=\${choice//\\$/\\\\\\$} choice=\${choice//\\\`/\\\\\\\`}
            ;;
          \\'*) choice=\${choice//\\'/\\'\\\\\\'\\'} ;;
          *) [[ $choice == *[!a-zA-Z0-9._:,=@%+/-]* ]] && printf -v choice %q "$choice" ;;
        esac
        COMPREPLY+=("$choice")
      done < <(kt completion --words "$names" --line "\${COMP_LINE:0:COMP_POINT}" "$current" 2>/dev/null </dev/null)
      [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
      ;;
    *) COMPREPLY=($(compgen -W "$choices" -- "$current")) ;;
  esac
}
complete -F _kt kt
`
}
