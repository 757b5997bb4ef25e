/** The texts of Java's argparse4j 0.7: usage, help and errors, justified to 75 columns. */
import type { ArgparseArgument, ArgparseParser } from './argparse.ts'

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

const flagsOf = ({ name, short }: ArgparseArgument): string[] =>
  short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]

/** An argument as messages name it: `-h/--help`. */
export const textualName = (argument: ArgparseArgument): string => flagsOf(argument).join('/')

const syntax = (argument: ArgparseArgument): string => {
  const value = metavar(argument)
  return `${flagsOf(argument)[0]}${value === '' ? '' : ` ${value}`}`
}

const bracketed = (argument: ArgparseArgument): string =>
  argument.required ? syntax(argument) : `[${syntax(argument)}]`

const isIn = (parser: ArgparseParser, argument: ArgparseArgument, mutex: boolean): boolean =>
  parser.groups?.some(({ title, oneOf }) => title === argument.group && Boolean(oneOf) === mutex) ?? false

const usageParts = (parser: ArgparseParser): string[] => {
  const { parent } = parser
  const parts = parent === undefined ? [] : parent.arguments.filter(({ required }) => required).map(syntax)
  if (parent !== undefined) parts.push(parser.name)
  parts.push(...parser.arguments.filter((one) => !isIn(parser, one, true)).map(bracketed))
  for (const { title } of parser.groups?.filter(({ oneOf }) => oneOf) ?? []) {
    const choices = parser.arguments.filter(({ group }) => group === title).map(syntax)
    const last = choices.length - 1
    choices.forEach((choice, i) => {
      if (i > 0) parts.push('|')
      parts.push(`${i === 0 ? '(' : ''}${choice}${i === last ? ')' : ''}`)
    })
  }
  return parser.commands === undefined ? parts : [...parts, 'COMMAND', '...']
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

const groupHelp = (parser: ArgparseParser, title: string, description: string): string => {
  const rows = parser.arguments.filter(({ group }) => group === title).map((one) => argumentRow(parser, one))
  const heading = title.trim() === '' ? '' : `${title}:\n`
  return `\n${heading}  ${wrapJustified(description, 2, '  ')}\n\n${rows.join('')}`
}

/** All of `--help`. */
export const helpText = (parser: ArgparseParser): string => {
  const { description, commands = [], groups = [] } = parser
  const own = parser.arguments.filter(({ group }) => group === undefined).map((one) => argumentRow(parser, one))
  const list = commands.map(({ name, help = '' }) => helpRow(`  ${name}`, help)).join('')
  return [
    usageText(parser),
    description === undefined ? '' : `\n${wrapJustified(description, 0, '')}\n`,
    `\noptional arguments:\n${own.join('')}`,
    commands.length === 0 ? '' : `\ncommands:\n  COMMAND\n${list}`,
    ...groups.map((group) => groupHelp(parser, group.title, group.description)),
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
