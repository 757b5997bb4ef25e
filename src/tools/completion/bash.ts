import type { CommandSpec, Completion } from '../../cli/option-spec.ts'
import { globalOptions, helpWord, offered, withArgument } from './model.ts'

const assign = (completion: Completion | undefined): string => {
  if (completion === undefined) return 'kind=none'
  return typeof completion === 'string' ? `kind=${completion}` : `choices='${completion.join(' ')}'`
}

/** One branch for each sort of argument, with all options that take it. */
const argumentBranches = (spec: CommandSpec): string[] => {
  const namesByAction = new Map<string, string[]>()
  for (const { name, argument } of withArgument(spec)) {
    const action = `${assign(argument?.completion)}${argument?.optional ? ' more=yes' : ''}`
    namesByAction.set(action, [...(namesByAction.get(action) ?? []), `--${name}`])
  }
  return [...namesByAction].map(([action, names]) => `        ${names.join('|')}) ${action} ;;`)
}

const commandBranch = (spec: CommandSpec): string => {
  const { words } = spec
  const lines = [
    `    ${spec.name})`,
    `      options='${offered(spec)
      .map(({ name }) => `--${name}`)
      .join(' ')}'`,
  ]
  if (words === 'file' || words === 'directory') lines.push(`      words=${words}`)
  else if (words !== undefined) lines.push(`      words='${words.join(' ')}'`)
  const branches = argumentBranches(spec)
  if (branches.length > 0) lines.push('      case $previous in', ...branches, '      esac')
  return [...lines, '      ;;'].join('\n')
}

/**
 * The script for bash, 3.2 included. A long option with `=` comes in three words, as `=` is among COMP_WORDBREAKS.
 */
export const bashScript = (commands: readonly CommandSpec[]): string => {
  const first = [...commands.map(({ name }) => name), helpWord.name, ...globalOptions.map(({ name }) => name)]
  return `# Completion for kt in bash; made by \`kt completion bash\`.
_kt() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local options='' words='' choices='' kind='' more=''
  COMPREPLY=()
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
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
    elif [[ $words == file || $words == directory ]]; then
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
    *) COMPREPLY=($(compgen -W "$choices" -- "$current")) ;;
  esac
}
complete -F _kt kt
`
}
