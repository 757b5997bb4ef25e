import type { ArgparseCommand, ArgparseOption, ArgparseProgram } from './model.ts'
import { wrapFilled } from './wrap.ts'

export const WIDTH = 75
const HELP_COLUMN = 25

const invocation = ({ name, metavar }: ArgparseOption): string => (metavar ? `--${name} ${metavar}` : `--${name}`)

const groupsOf = (options: readonly ArgparseOption[]): Map<string, ArgparseOption[]> => {
  const groups = new Map<string, ArgparseOption[]>()
  for (const option of options) {
    if (option.group) groups.set(option.group.name, [...(groups.get(option.group.name) ?? []), option])
  }
  return groups
}

/** The parts of a usage line that may not be broken; alternatives of a group share one pair of brackets. */
function optionParts(options: readonly ArgparseOption[]): string[] {
  const shown = options.filter(({ own }) => !own)
  const single = shown.filter(({ group }) => group === undefined)
  const parts = single.map((one) => (one.required ? invocation(one) : `[${invocation(one)}]`))
  for (const members of groupsOf(shown).values()) {
    const [open, close] = members[0]?.group?.required ? ['(', ')'] : ['[', ']']
    members.forEach((member, i) => {
      const last = i === members.length - 1
      parts.push(`${i === 0 ? open : ''}${invocation(member)}${last ? close : ' |'}`)
    })
  }
  return parts
}

function fill(program: ArgparseProgram, parts: readonly string[]): string {
  const indent = ' '.repeat(`usage: ${program.name}`.length)
  const lines: string[] = []
  let line = `usage: ${program.name}`
  for (const part of parts) {
    if (line.length + 1 + part.length > WIDTH) {
      lines.push(line)
      line = indent
    }
    line += ` ${part}`
  }
  return `${[...lines, line].join('\n')}\n`
}

const choicesOf = (program: ArgparseProgram): string => `{${program.commands?.map(({ name }) => name).join(',')}}`

/** The usage of the program, or of one of its sub-commands. */
export function usageText(program: ArgparseProgram, command?: ArgparseCommand): string {
  if (command) {
    const needed = program.options.filter(({ required, group }) => required || group?.required)
    return fill(program, [...optionParts(needed), command.name, '[-h]', ...optionParts(command.options)])
  }
  const rest = program.commands ? [choicesOf(program), '...'] : []
  const words = program.words ? [`[${program.words.name} [${program.words.name} ...]]`] : []
  return fill(program, ['[-h]', ...optionParts(program.options), ...rest, ...words])
}

function helpRow(left: string, help: string): string {
  const head = `  ${left}`
  const fits = head.length + 2 <= HELP_COLUMN
  const text = wrapFilled(help, WIDTH, HELP_COLUMN, ' '.repeat(HELP_COLUMN))
  return fits ? `${head.padEnd(HELP_COLUMN)}${text}\n` : `${head}\n${' '.repeat(HELP_COLUMN)}${text}\n`
}

function optionRow(option: ArgparseOption): string {
  const value = option.metavar ? ` ${option.metavar}` : ''
  const short = option.short ? `, -${option.short}${value}` : ''
  return helpRow(`--${option.name}${value}${short}`, option.help)
}

function optionsHelp(options: readonly ArgparseOption[]): string {
  const plain = options.filter(({ section }) => section === undefined)
  const sections = new Map<string, ArgparseOption[]>()
  for (const one of options) {
    if (one.section) sections.set(one.section, [...(sections.get(one.section) ?? []), one])
  }
  const first = `\noptional arguments:\n${helpRow('-h, --help', 'show this help message and exit')}`
  const others = [...sections].map(([title, members]) => `\n${title}:\n${members.map(optionRow).join('')}`)
  return `${first}${plain.map(optionRow).join('')}${others.join('')}`
}

/** The help of the program, or of one of its sub-commands. */
export function helpText(program: ArgparseProgram, command?: ArgparseCommand): string {
  if (command) return `${usageText(program, command)}${optionsHelp(command.options)}`
  const rows = program.commands?.map(({ name, help }) => helpRow(`  ${name}`, help)).join('')
  const words = program.words ? helpRow(program.words.name, program.words.help) : ''
  const positional = rows === undefined ? words : `  ${choicesOf(program)}\n${rows}`
  const about = `\n${wrapFilled(program.description, WIDTH)}\n`
  const heading = positional === '' ? '' : `\npositional arguments:\n${positional}`
  return `${usageText(program)}${about}${heading}${optionsHelp(program.options)}`
}
