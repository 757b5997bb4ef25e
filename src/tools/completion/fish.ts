import type { CommandSpec, Completion, OptionSpec } from '../../cli/option-spec.ts'
import { brief, globalOptions, helpWord, offered } from './model.ts'

/** Text within single quotes. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const words = (completion: Completion | undefined): string => {
  if (completion === 'file') return ' -F'
  if (completion === 'directory') return " -f -a '(__fish_complete_directories)'"
  return completion === undefined ? ' -f' : ` -f -a ${quoted(completion.join(' '))}`
}

const optionLine = (condition: string, { name, description, argument }: OptionSpec): string => {
  const required = argument === undefined || argument.optional ? '' : ' -r'
  const values = argument === undefined ? '' : words(argument.completion)
  return `complete -c kt -n ${condition} -l ${name}${required}${values} -d ${quoted(brief(description))}`
}

const commandLines = (spec: CommandSpec): string[] => {
  const condition = quoted(`__kt_command ${spec.name}`)
  const lines = offered(spec).map((option) => optionLine(condition, option))
  if (spec.words !== undefined)
    lines.unshift(`complete -c kt -n ${quoted(`__kt_command ${spec.name} 2`)}${words(spec.words)}`)
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

complete -c kt -f
${[...first, ...global].join('\n')}
complete -c kt -n '__kt_command help 2' -a ${quoted(commands.map(({ name }) => name).join(' '))}
${commands.flatMap(commandLines).join('\n')}
`
}
