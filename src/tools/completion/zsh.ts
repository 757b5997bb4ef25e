import type { CommandSpec, OptionSpec } from '../../cli/option-spec.ts'
import { argumentOffer, brief, globalOptions, helpWord, type Offer, offered, wordsOffer } from './model.ts'

/** Text within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const escaped = (text: string, characters: RegExp): string => text.replace(characters, '\\$&')

const action = (offer: Offer): string => {
  if (offer === undefined) return ' '
  if (offer === 'file') return '_files'
  if (offer === 'directory') return '_files -/'
  // With a blank before it zsh calls the function without arguments of its own.
  return 'names' in offer ? ` _kt_names ${offer.names}` : `(${offer.join(' ')})`
}

const optionSpec = (spec: CommandSpec, option: OptionSpec): string => {
  const { name, description, argument } = option
  const text = `[${escaped(brief(description), /[[\]\\:]/g)}]`
  if (argument === undefined) return quoted(`*--${name}${text}`)
  const message = escaped(argument.name ?? name, /[\\:]/g)
  return quoted(`*--${name}=${text}${argument.optional ? '::' : ':'}${message}:${action(argumentOffer(spec, option))}`)
}

const commandBranch = (spec: CommandSpec): string => {
  const specs = offered(spec).map((option) => optionSpec(spec, option))
  const offer = wordsOffer(spec)
  if (typeof offer === 'object' && 'names' in offer) specs.push(quoted(`*:${offer.names}:${action(offer)}`))
  else if (offer !== undefined) specs.push(quoted(`1:${offer === 'file' ? 'file' : 'action'}:${action(offer)}`))
  return `    ${spec.name})
      _arguments ${specs.map((text) => `\\\n        ${text}`).join(' ')}
      ;;`
}

const described = ({ name, summary }: { name: string; summary: string }): string =>
  `    ${quoted(`${escaped(name, /:/g)}:${brief(summary)}`)}`

/** The script for zsh: a file \`_kt\` in a folder of $fpath, or to be sourced after compinit. */
export const zshScript = (commands: readonly CommandSpec[]): string => `#compdef kt
# Completion for kt in zsh; made by \`kt completion zsh\`.

# _kt_names KIND: names of the cluster, as kt knows them.
_kt_names() {
  local -a kt_names kt_open
  kt_names=(\${(f)"$(kt completion --words $1 "\${(@Q)words[1,CURRENT-1]}" "\${(Q):-$IPREFIX$PREFIX}" 2>/dev/null </dev/null)"})
  kt_open=(\${(M)kt_names:#*=})
  kt_names=(\${kt_names:#*=})
  (( $#kt_open )) && compadd -S '' -a kt_open
  (( $#kt_names )) && compadd -a kt_names
}

_kt() {
  local -a kt_commands kt_options
  kt_commands=(
${commands.map(described).join('\n')}
  )
  kt_options=(
${[helpWord, ...globalOptions].map(described).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command kt_commands -- kt_options
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help)
      (( CURRENT == 2 )) && _describe -t commands command kt_commands
      ;;
${commands.map(commandBranch).join('\n')}
  esac
}
if [[ $funcstack[1] == _kt ]]; then
  _kt "$@"
else
  compdef _kt kt
fi
`
