import type { CommandSpec, Completion, OptionSpec } from '../../cli/option-spec.ts'
import { kindOfOption, kindOfWords, type NameKind } from '../names/kinds.ts'

/** The options worth offering, in alphabetical order. */
export const offered = ({ options }: CommandSpec): OptionSpec[] =>
  options.filter(({ name, deprecated }) => !deprecated && name.length > 1).sort((a, b) => (a.name < b.name ? -1 : 1))

/** Options that take the next word, deprecated ones too: it is no option then. */
export const withArgument = ({ options }: CommandSpec): OptionSpec[] =>
  options.filter((option) => option.argument !== undefined)

/** What can be offered in some place: fixed words, paths, or names that kt is asked for when the Tab key is pressed. */
export type Offer = Completion | { names: NameKind } | undefined

/** What is offered for the argument of an option. */
export const argumentOffer = ({ name: command }: CommandSpec, { name, argument }: OptionSpec): Offer => {
  const names = kindOfOption(command, name)
  return argument?.completion ?? (names === undefined ? undefined : { names })
}

/** What is offered for words that are no options. */
export const wordsOffer = ({ name, words }: CommandSpec): Offer => {
  const names = kindOfWords(name)
  return names === undefined ? words : { names }
}

/** What kt itself takes in place of a command. */
export const globalOptions = [
  { name: '--help', summary: 'List the commands.' },
  { name: '--version', summary: 'Print the version of kt.' },
]

/** `kt help <command>`. */
export const helpWord = { name: 'help', summary: 'Explain a command.' }

/** The first line of a description, without its last full stop: lists in shells have little room. */
export const brief = (text: string): string => text.split('\n', 1)[0]!.replace(/\.$/, '')
