import type { CommandSpec, OptionSpec } from '../../cli/option-spec.ts'
import { argumentOffer, brief, globalOptions, helpWord, type Offer, offered, wordsOffer } from './model.ts'

/** Text within single quotes. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const words = (offer: Offer): string => {
  if (offer === undefined) return ' -f'
  if (offer === 'file') return ' -F'
  if (offer === 'directory') return " -f -a '(__fish_complete_directories)'"
  return ` -f -a ${quoted('names' in offer ? `(__kt_names ${offer.names})` : offer.join(' '))}`
}

const optionLine = (spec: CommandSpec, condition: string, option: OptionSpec): string => {
  const { name, description, argument } = option
  const required = argument === undefined || argument.optional ? '' : ' -r'
  const values = argument === undefined ? '' : words(argumentOffer(spec, option))
  return `complete -c kt -n ${condition} -l ${name}${required}${values} -d ${quoted(brief(description))}`
}

const commandLines = (spec: CommandSpec): string[] => {
  const condition = quoted(`__kt_command ${spec.name}`)
  const lines = offered(spec).map((option) => optionLine(spec, condition, option))
  const offer = wordsOffer(spec)
  if (offer !== undefined) {
    const place = typeof offer === 'object' && 'names' in offer ? '' : ' 2'
    lines.unshift(`complete -c kt -n ${quoted(`__kt_command ${spec.name}${place}`)}${words(offer)}`)
  }
  return lines
}

/** The script for fish: ~/.config/fish/completions/kt.fish. */
export const fishScript = (commands: readonly CommandSpec[]): string => {
  const first = [...commands, helpWord].map(
    ({ name, summary }) => `complete -c kt -n __kt_no_command -a ${name} -d ${quoted(brief(summary))}`,
  )
  const global = globalOptions.map(
    ({ name, summary }) => `complete -c kt -n __kt_no_command -l ${name.slice(2)} -d ${quoted(brief(summary))}`,
  )
  return `# Completion for kt in fish; made by \`kt completion fish\`.
function __kt_no_command
    test (count (commandline -opc)) -eq 1
end

# __kt_command NAME [COUNT]: is it kt's NAME, and are there COUNT words before this one?
function __kt_command
    set -l typed (commandline -opc)
    test (count $typed) -ge 2; and test "$typed[2]" = "$argv[1]"
    and begin
        test (count $argv) -lt 2; or test (count $typed) -eq $argv[2]
    end
end

# __kt_names KIND: names of the cluster, as kt knows them.
function __kt_names
    type -q kt; or return
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    # As it is meant, not as it is written: without backslashes and quotes.
    set -l meant (string unescape -- "$current" 2>/dev/null); and set current "$meant"
    kt completion --words $argv[1] $typed[2..-1] "$current" 2>/dev/null </dev/null
end

complete -c kt -f
${[...first, ...global].join('\n')}
complete -c kt -n '__kt_command help 2' -a ${quoted(commands.map(({ name }) => name).join(' '))}
${commands.flatMap(commandLines).join('\n')}
`
}
