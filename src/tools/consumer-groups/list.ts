import { println } from '../../cli/io.ts'
import { usageExit } from '../../cli/usage.ts'
import type { GroupListing } from '../../client/types.ts'
import { javaSplit, left } from '../shared/java.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { type GroupContext, listConsumerGroups, wrappedError } from './context.ts'
import { spec, states } from './options.ts'

const types = ['Consumer', 'Classic']

const parseNames = (input: string, known: readonly string[], complaint: string): string[] =>
  javaSplit(input, ',').map((text) => {
    const found = known.find((name) => name.toLowerCase() === text.trim().toLowerCase())
    return found ?? usageExit(spec, complaint)
  })

const wantedStates = ({ options }: GroupContext): string[] => {
  const input = options.text('state')
  if (!input) return []
  return parseNames(input, states, `Invalid state list '${input}'. Valid states are: ${states.join(', ')}`)
}

const wantedTypes = ({ options }: GroupContext): string[] => {
  const input = options.text('type')
  if (!input) return []
  const complaint = `Invalid types list '${input}'. Valid types are: ${types.join(', ')}`
  return parseNames(input, types, complaint).map((type) => type.toLowerCase())
}

/** `classic` as Java's GroupType prints it. */
const typeText = (type: string): string =>
  type === '' ? 'Unknown' : type[0]!.toUpperCase() + type.slice(1).toLowerCase()

const printTable = (context: GroupContext, groups: readonly GroupListing[]): void => {
  const { options, io } = context
  const width = Math.max(15, ...groups.map((group) => group.groupId.length)) + 10
  const columns = [
    { title: 'TYPE', shown: options.has('type'), text: (group: GroupListing) => typeText(group.type) },
    { title: 'STATE', shown: options.has('state'), text: (group: GroupListing) => group.state || 'Unknown' },
  ].filter((column) => column.shown)
  const line = (name: string, cells: string[]): void =>
    println(io.out, [left(name, width), ...cells.map((cell) => left(cell, 20))].join(' '))
  line(
    'GROUP',
    columns.map((column) => column.title),
  )
  for (const group of groups) {
    line(
      group.groupId,
      columns.map((column) => column.text(group)),
    )
  }
}

/** `--list`. */
export const listGroups = async (context: GroupContext): Promise<void> => {
  const { admin, options, io } = context
  const format = outputFormat(options, io)
  const detailed = options.has('state') || options.has('type') || format !== undefined
  if (!detailed) {
    for (const group of await listConsumerGroups(admin)) println(io.out, group)
    return
  }
  const filter = { types: wantedTypes(context), states: wantedStates(context), protocolTypes: ['', 'consumer'] }
  const groups = await admin.listGroups(filter).catch((error: unknown) => {
    throw wrappedError(error)
  })
  if (format === undefined) printTable(context, groups)
  else {
    const rows = groups.map((group) => ({
      group: group.groupId,
      type: group.type.toLowerCase() || null,
      state: group.state || null,
    }))
    await printStructured(io, format, rows, ['group', 'type', 'state'])
  }
}
