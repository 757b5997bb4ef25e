import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { usageExit } from '../../cli/usage.ts'
import type { Admin, GroupListing } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { doublyWrappedError, wrappedError } from '../consumer-groups/context.ts'
import { javaSplit, left } from './java.ts'
import { hashOrder, stringHash } from './java-hash.ts'
import { failedRow, type OutputFormat, outputFormat, printStructured } from './structured.ts'

/** Share or streams groups, as their commands see them. */
export interface GroupKind {
  spec: CommandSpec
  /** As brokers name it in ListGroups. */
  type: 'share' | 'streams'
  states: readonly string[]
}

/** All groups of a kind. */
export const groupsOfKind = (admin: Admin, { type }: GroupKind): Promise<GroupListing[]> =>
  admin.listGroups({ types: [type] }).catch((error: unknown) => {
    throw doublyWrappedError(error)
  })

const wantedStates = ({ spec, states }: GroupKind, options: OptionSet): string[] => {
  const input = options.text('state')
  if (!input) return []
  return javaSplit(input, ',').map((text) => {
    const found = states.find((name) => name.toLowerCase() === text.trim().toLowerCase())
    return found ?? usageExit(spec, `Invalid state list '${input}'. Valid states are: ${states.join(', ')}`)
  })
}

/** `--list`, with states when `--state` is given. */
export const listGroupsOfKind = async (kind: GroupKind, admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const format = outputFormat(options, io)
  if (!options.has('state') && format === undefined) {
    for (const { groupId } of await groupsOfKind(admin, kind)) println(io.out, groupId)
    return
  }
  const states = wantedStates(kind, options)
  const groups = await admin.listGroups({ types: [kind.type], states }).catch((error: unknown) => {
    throw wrappedError(error)
  })
  if (format !== undefined) {
    const rows = groups.map(({ groupId, state }) => ({ group: groupId, type: kind.type, state: state || null }))
    return printStructured(io, format, rows, ['group', 'type', 'state'])
  }
  const width = Math.max(15, ...groups.map(({ groupId }) => groupId.length))
  println(io.out, `${left('GROUP', width)} STATE`)
  for (const { groupId, state } of groups) println(io.out, `${left(groupId, width)} ${state || 'Unknown'}`)
}

const javaError = (exceptionClass: string, message: string): Error =>
  Object.assign(new Error(message), { exceptionClass })

/**
 * Why groups can't be deleted, found out before anything is.
 * @param missing what is said of a group that isn't there
 */
export const undeletable = (
  listed: readonly GroupListing[],
  groups: readonly string[],
  name: string,
  missing: (group: string) => string,
): Map<string, Error> => {
  const states = new Map(listed.map(({ groupId, state }) => [groupId, state]))
  const failures = new Map<string, Error>()
  for (const group of groups) {
    const state = states.get(group)
    if (state === undefined) failures.set(group, javaError('java.lang.IllegalArgumentException', missing(group)))
    else if (state === 'Dead') {
      failures.set(group, javaError('java.lang.IllegalStateException', `${name} '${group}' group state is DEAD.`))
    } else if (state !== 'Empty' && state !== '') {
      const notEmpty = 'org.apache.kafka.common.errors.GroupNotEmptyException'
      failures.set(group, javaError(notEmpty, `${name} '${group}' is not EMPTY.`))
    }
  }
  return failures
}

/** What `--delete` did, for `--output`. */
export const printDeleted = (
  io: Io,
  format: OutputFormat,
  groups: readonly string[],
  failures: ReadonlyMap<string, Error>,
): Promise<void> => {
  const rows = groups.map((group) =>
    failures.has(group) ? failedRow(io, { group }, failures.get(group)) : { group, error: null },
  )
  return printStructured(io, format, rows, ['group', 'error'])
}

/** Names of groups in the order in which Java's maps hand them out. */
export const groupOrder = (groups: Iterable<string>): string[] => hashOrder([...groups], stringHash)

/** Is this Kafka's answer for a group that is not there? */
export const isMissingGroup = (error: unknown): boolean =>
  error instanceof KafkaError && error.errorName === 'GROUP_ID_NOT_FOUND'
