import type { CommandSpec, Completion, OptionSpec } from '../../cli/option-spec.ts'
import { brief, globalOptions, helpWord, offered } from './model.ts'

/** Text within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const escaped = (text: string, characters: RegExp): string => text.replace(characters, '\\$&')

const action = (completion: Completion | undefined): string => {
  if (completion === undefined) return ' '
  if (completion === 'file') return '_files'
  return completion === 'directory' ? '_files -/' : `(${completion.join(' ')})`
}

const optionSpec = ({ name, description, argument }: OptionSpec): string => {
  const text = `[${escaped(brief(description), /[[\]\\:]/g)}]`
  if (argument === undefined) return quoted(`*--${name}${text}`)
  const message = escaped(argument.name ?? name, /[\\:]/g)
  return quoted(`*--${name}=${text}${argument.optional ? '::' : ':'}${message}:${action(argument.completion)}`)
}

const commandBranch = (spec: CommandSpec): string => {
  const specs = offered(spec).map(optionSpec)
  if (spec.words !== undefined)
    specs.push(quoted(`1:${spec.words === 'file' ? 'file' : 'action'}:${action(spec.words)}`))
  return `    ${spec.name})
      _arguments ${specs.map((text) => `\\\n        ${text}`).join(' ')}
      ;;`
}

const described = ({ name, summary }: { name: string; summary: string }): string =>
  `    ${quoted(`${escaped(name, /:/g)}:${brief(summary)}`)}`

/** The script for zsh: a file \`_kt\` in a folder of $fpath, or to be sourced after compinit. */
export const zshScript = (commands: readonly CommandSpec[]): string => `#compdef kt
# Completion for kt in zsh; made by \`kt completion zsh\`.
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
