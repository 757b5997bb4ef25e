import type { CommandSpec, OptionSpec } from '../../cli/option-spec.ts'

/** The options worth offering, in alphabetical order. */
export const offered = ({ options }: CommandSpec): OptionSpec[] =>
  options.filter(({ name, deprecated }) => !deprecated && name.length > 1).sort((a, b) => (a.name < b.name ? -1 : 1))

/** Options that take the next word, deprecated ones too: it is no option then. */
export const withArgument = ({ options }: CommandSpec): OptionSpec[] =>
  options.filter((option) => option.argument !== undefined)

/** What kt itself takes in place of a command. */
export const globalOptions = [
  { name: '--help', summary: 'List the commands.' },
  { name: '--version', summary: 'Print the version of kt.' },
]

/** `kt help <command>`. */
export const helpWord = { name: 'help', summary: 'Explain a command.' }

/** The first line of a description, without its last full stop: lists in shells have little room. */
export const brief = (text: string): string => text.split('\n', 1)[0]!.replace(/\.$/, '')
