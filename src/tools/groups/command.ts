import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, helpOrVersion, parseOrUsage, usageExit } from '../../cli/usage.ts'
import type { Admin, GroupListing } from '../../client/types.ts'
import { type Connect, commandProperties, connectWith, NoSuchFileError } from '../shared/connect.ts'
import { left } from '../shared/java.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { groupTypes, spec } from './options.ts'

export { spec }

/** A wrong argument that Kafka's tool reports without its usage text. */
class ArgumentError extends Error {
  override name = 'ArgumentError'
}

const listTimeoutMs = 30_000

/** The checks of GroupsCommandOptions, in Kafka's order. */
const checkOptions = (options: OptionSet): void => {
  if (!options.has('list')) usageExit(spec, 'Command must include exactly one action: --list.')
  if (options.has('group-type') && !groupTypes.includes(options.text('group-type')!.toLowerCase())) {
    throw new ArgumentError('--group-type must be a valid group type.')
  }
  forbidTogether(spec, options, 'consumer', ['group-type', 'protocol', 'share', 'streams'])
  forbidTogether(spec, options, 'share', ['consumer', 'group-type', 'protocol', 'streams'])
  forbidTogether(spec, options, 'streams', ['consumer', 'group-type', 'protocol', 'share'])
}

/** Which groups the options ask for; `type` is in lower case. */
const isWanted = (options: OptionSet, type: string, protocol: string): boolean => {
  if (options.has('group-type') && type !== options.text('group-type')!.toLowerCase()) return false
  if (options.has('protocol') && protocol !== options.text('protocol')) return false
  if (options.has('consumer')) {
    return type === 'consumer' || (type === 'classic' && (protocol === 'consumer' || protocol === ''))
  }
  if (options.has('share')) return type === 'share'
  return !options.has('streams') || type === 'streams'
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

const printList = async (groups: readonly GroupListing[], options: OptionSet, io: Io): Promise<void> => {
  const rows = groups
    .map(({ groupId, type, protocolType }) => ({ group: groupId, type: type.toLowerCase(), protocol: protocolType }))
    .filter(({ type, protocol }) => isWanted(options, type, protocol))
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const found = rows.map((row) => ({ ...row, protocol: row.protocol || null }))
    return printStructured(io, format, found, ['group', 'type', 'protocol'])
  }
  const header = ['GROUP', 'TYPE', 'PROTOCOL']
  const cells = rows.map(({ group, type, protocol }) => [group, capital(type), protocol])
  const width = Math.max(20, ...cells.flat().map((cell) => cell.length))
  const line = (row: readonly string[]): string => row.map((cell) => left(cell, width)).join(' ')
  println(io.out, line(header))
  // With a blank at the end, as Kafka has it.
  for (const row of cells) println(io.out, `${line(row)} `)
}

const list = async (options: OptionSet, io: Io, connect: Connect): Promise<void> => {
  let admin: Admin | undefined
  try {
    const properties = await commandProperties(options, io)
    properties.set('default.api.timeout.ms', properties.get('default.api.timeout.ms') ?? String(listTimeoutMs))
    admin = await connect(properties, io)
    await printList(await admin.listGroups(), options, io)
  } finally {
    await admin?.close()
  }
}

/** `kafka-groups.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  if (!options.has('bootstrap-server') && !mayOmitBootstrap(io)) {
    usageExit(spec, 'Missing required option(s) [bootstrap-server]')
  }
  try {
    checkOptions(options)
    await list(options, io, connect)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    const isLocal = error instanceof ArgumentError || error instanceof NoSuchFileError
    if (isLocal) println(io.err, errorMessage(error))
    else println(io.out, `Error while executing groups command : ${errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.err, hint)
    debugStack(io, error)
    return 1
  }
}
