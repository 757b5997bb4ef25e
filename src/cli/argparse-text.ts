/** The texts of Java's argparse4j 0.7: usage, help and errors, justified to 75 columns. */
import type { ArgparseArgument, ArgparseGroup, ArgparseParser } from './argparse.ts'
import { sessionOptionsOf } from './session-options.ts'

const WIDTH = 75
const HELP_COLUMN = 25
const MAX_PROGRAM_WIDTH = 30

/** Where lines may break: after blanks, and after `-`, `.` and `:` inside words. */
const breakable = /.*?(?:\n|[ \t]+|[-.:](?=[A-Za-z])|$)/gs

/** Spreads the blanks a line lacks over its gaps, the middle ones first. */
const justify = (text: string, width: number, usedWidth: number): string => {
  const line = text.replace(/^ +| +$/g, '')
  const missing = width - (usedWidth - (text.length - line.length))
  const gaps = line.match(/ +/g)?.length ?? 0
  if (gaps === 0) return line
  const each = Math.trunc(missing / gaps)
  const rest = missing % gaps
  const first = Math.trunc((gaps - rest + 1) / 2)
  let gap = 0
  return line.replace(/ +/g, (blanks) => {
    const extra = gap >= first && gap < first + rest ? 1 : 0
    gap++
    return blanks + ' '.repeat(Math.max(0, each + extra))
  })
}

/** Wraps and justifies; the last line stays as it is. */
export const wrapJustified = (text: string, offset: number, indent: string): string => {
  let result = ''
  let line = ''
  let used = offset
  for (const piece of text.match(breakable) ?? []) {
    used += piece.length
    if (used > WIDTH) {
      result += `${justify(line, WIDTH, used - piece.length)}\n${indent}`
      line = ''
      used = indent.length + piece.length
    }
    line += piece
    if (piece.endsWith('\n')) {
      result += line + indent
      line = ''
      used = indent.length
    }
  }
  return result + line
}

const takesValue = ({ action }: ArgparseArgument): boolean => action === undefined

const metavar = (argument: ArgparseArgument): string => {
  if (!takesValue(argument)) return ''
  const name = argument.metavar ?? argument.name.replaceAll('-', '_').toUpperCase()
  return argument.many ? `${name} [${name} ...]` : name
}

/** `--help` and `--version` have the letter first, all others the name. */
const flagsOf = ({ name, short, action }: ArgparseArgument): string[] => {
  if (short === undefined) return [`--${name}`]
  const flags = [`--${name}`, `-${short}`]
  return action === 'help' || action === 'version' ? flags.reverse() : flags
}

/** An argument as messages name it: `-h/--help`. */
export const textualName = (argument: ArgparseArgument): string => flagsOf(argument).join('/')

const syntax = (argument: ArgparseArgument): string => {
  const value = metavar(argument)
  return `${flagsOf(argument)[0]}${value === '' ? '' : ` ${value}`}`
}

const bracketed = (argument: ArgparseArgument): string =>
  argument.required ? syntax(argument) : `[${syntax(argument)}]`

const groupOf = (parser: ArgparseParser, { group }: ArgparseArgument): ArgparseGroup | undefined =>
  parser.groups?.find(({ title }) => title === group)

/** The arguments of a group, with `|` between them. */
const alternatives = (parser: ArgparseParser, { title, oneOf }: ArgparseGroup): string[] => {
  const choices = parser.arguments.filter(({ group, own }) => group === title && !own).map(syntax)
  const [open, close] = oneOf === 'optional' ? ['[', ']'] : choices.length > 1 ? ['(', ')'] : ['', '']
  return choices.map((choice, i) => `${i === 0 ? open : ''}${choice}${i === choices.length - 1 ? close : ' |'}`)
}

const exclusiveGroups = ({ groups = [] }: ArgparseParser): ArgparseGroup[] =>
  groups.filter(({ oneOf }) => oneOf !== undefined)

/** What has to come before a sub-command. */
const parentParts = (parent: ArgparseParser): string[] => [
  ...parent.arguments.filter(({ required }) => required).map(syntax),
  ...exclusiveGroups(parent)
    .filter(({ oneOf }) => oneOf === 'required')
    .flatMap((group) => alternatives(parent, group)),
]

const choicesOf = (commands: readonly ArgparseParser[]): string => `{${commands.map(({ name }) => name).join(',')}}`

const usageParts = (parser: ArgparseParser): string[] => {
  const { parent, commands, commandList, words } = parser
  const parts = parent === undefined ? [] : [...parentParts(parent), parser.name]
  const single = parser.arguments.filter((one) => !one.own && groupOf(parser, one)?.oneOf === undefined)
  parts.push(...single.map(bracketed))
  for (const group of exclusiveGroups(parser)) parts.push(...alternatives(parser, group))
  if (words !== undefined) parts.push(`[${words.name} [${words.name} ...]]`)
  return commands === undefined ? parts : [...parts, commandList?.metavar ?? choicesOf(commands), '...']
}

/** The `usage:` paragraph. */
export const usageText = (parser: ArgparseParser): string => {
  const program = `usage: ${parser.parent?.name ?? parser.name}`
  const isLong = program.length > MAX_PROGRAM_WIDTH
  const indent = isLong ? ' '.repeat(6) : ' '.repeat(program.length)
  const lines: string[] = isLong ? [program] : []
  let line = isLong ? indent : program
  let first = true
  for (const part of usageParts(parser)) {
    if (!first && line.length + part.length + 1 > WIDTH) {
      lines.push(line)
      line = indent
    } else first = false
    line += ` ${part}`
  }
  return `${[...lines, line].join('\n')}\n`
}

const helpRow = (title: string, help: string): string => {
  const indent = ' '.repeat(HELP_COLUMN)
  const fits = title.length <= 21
  const head = fits ? `  ${title}`.padEnd(HELP_COLUMN) : `  ${title}\n${indent}`
  return help === '' ? `  ${title}\n` : `${head}${wrapJustified(help, HELP_COLUMN, indent)}\n`
}

const argumentRow = (parser: ArgparseParser, argument: ArgparseArgument): string => {
  const value = metavar(argument)
  const title = flagsOf(argument)
    .map((name) => `${name}${value === '' ? '' : ` ${value}`}`)
    .join(', ')
  const { defaultValue, action } = argument
  const shown = defaultValue ?? (action === 'flag' ? 'false' : undefined)
  const isShown = parser.showDefaults && shown !== undefined
  return helpRow(title, isShown ? `${argument.help} (default: ${shown})` : argument.help)
}

const groupHelp = (parser: ArgparseParser, { title, description }: ArgparseGroup): string => {
  const rows = parser.arguments.filter(({ group }) => group === title).map((one) => argumentRow(parser, one))
  const heading = title.trim() === '' ? '' : `${title}:\n`
  const about = description === undefined ? '' : `  ${wrapJustified(description, 2, '  ')}\n\n`
  return `\n${heading}${about}${rows.join('')}`
}

const commandsHelp = (commands: readonly ArgparseParser[]): string =>
  commands.map(({ name, help = '' }) => helpRow(`  ${name}`, help)).join('')

/** What may come besides options: words, or sub-commands without a title of their own. */
const positionalHelp = ({ commands, commandList, words }: ArgparseParser): string => {
  const rows = words === undefined ? '' : helpRow(words.name, words.help)
  const list = commands === undefined || commandList ? '' : `  ${choicesOf(commands)}\n${commandsHelp(commands)}`
  return rows + list === '' ? '' : `\npositional arguments:\n${rows}${list}`
}

/** All of `--help`. */
export const helpText = (parser: ArgparseParser): string => {
  const { description, commands = [], commandList, groups = [] } = parser
  const isPlain = (one: ArgparseArgument): boolean => one.group === undefined || groupOf(parser, one)?.hidden === true
  const session = sessionOptionsOf({ options: parser.arguments }).map(({ name, description }) => ({
    name,
    help: description,
    metavar: 'NAME',
  }))
  const own = [...parser.arguments.filter(isPlain), ...session].map((one) => argumentRow(parser, one))
  return [
    usageText(parser),
    description === undefined ? '' : `\n${wrapJustified(description, 0, '')}\n`,
    positionalHelp(parser),
    `\noptional arguments:\n${own.join('')}`,
    commandList === undefined ? '' : `\n${commandList.title}:\n  ${commandList.metavar}\n${commandsHelp(commands)}`,
    ...groups.filter(({ hidden }) => !hidden).map((group) => groupHelp(parser, group)),
  ].join('')
}

/** Edits between two words, where swapping is free, adding cheap and dropping dear. */
const similarity = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      let best = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 2)
      const isSwap = i > 1 && j > 1 && a[i - 1] !== b[j - 1] && a[i - 2] === b[j - 1] && a[i - 1] === b[j - 2]
      if (isSwap) best = Math.min(best, rows[i - 2]![j - 2]!)
      row.push(Math.min(best, rows[i - 1]![j]! + 4, row[j - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** The paragraph with what may have been meant; empty when nothing comes close. */
export const suggestions = (typed: string, words: readonly string[]): string => {
  const body = (word: string): string => word.replace(/^-+/, '')
  const rated = words
    .map((word) => ({ word, distance: body(word).startsWith(typed) ? 0 : similarity(typed, body(word)) }))
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
  const nearest = rated[0]?.distance ?? 7
  if (nearest >= 7) return ''
  const lines = rated.filter(({ distance }) => distance === nearest).map(({ word }) => `\t${word}\n`)
  return `\nDid you mean:\n${lines.join('')}`
}

/** Usage and message, as a wrong command line is answered. */
export const errorText = (parser: ArgparseParser, message: string): string =>
  `${usageText(parser)}${wrapJustified(`${parser.parent?.name ?? parser.name}: error: ${message}\n`, 0, '')}`
