import { println } from '../../cli/io.ts'
import type { ConsumerGroupDescription } from '../../client/types.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { chosenGroups, type GroupContext, printToolError, wrappedError } from './context.ts'
import { memberRows, printMembers } from './describe-members.ts'
import { collectOffsets, offsetRows, printOffsets } from './describe-offsets.ts'
import { printState, stateRow } from './describe-state.ts'

const rebalancing = ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling']

/**
 * Says what is special about a group's state, as Kafka's shouldPrintMemberState.
 * @param rows how many lines there are to print
 * @returns whether the table is worth printing
 */
const reportState = ({ io }: GroupContext, group: string, state: string, rows: number): boolean => {
  if (state === 'Dead') println(io.out, `\nError: Consumer group '${group}' does not exist.`)
  else if (state === 'Empty') io.err.write(`\nConsumer group '${group}' has no active members.\n`)
  else if (rebalancing.includes(state)) io.err.write(`\nWarning: Consumer group '${group}' is rebalancing.\n`)
  else if (state !== 'Stable') throw new Error(`Expected a valid consumer group state, but found '${state}'.`)
  return state !== 'Dead' && rows > 0
}

const describeAll = async (context: GroupContext): Promise<ConsumerGroupDescription[]> => {
  const names = await chosenGroups(context)
  if (names.length === 0) return []
  const results = await context.admin.describeConsumerGroups(names).catch((error: unknown) => {
    throw wrappedError(error)
  })
  const groups = [...results.values()].map((result) => {
    if (!result.ok) throw wrappedError(result.error)
    return result.value
  })
  return groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

/** `--describe`, with `--offsets` (or nothing), `--members` or `--state`. */
export const describeGroups = async (context: GroupContext): Promise<void> => {
  const { options, io } = context
  const format = outputFormat(options, io)
  const verbose = options.has('verbose')
  const rows: Row[] = []
  for (const group of await describeAll(context)) {
    if (format !== undefined && group.state === 'Dead') {
      printToolError(io, `Consumer group '${group.groupId}' does not exist.`, { group: group.groupId })
      continue
    }
    const report = (count: number): boolean =>
      format !== undefined || reportState(context, group.groupId, group.state, count)
    if (options.has('members')) {
      report(group.members.length)
      if (format === undefined) printMembers(io, group, verbose)
      else rows.push(...memberRows(group))
    } else if (options.has('state')) {
      if (report(1) && format === undefined) printState(io, group, verbose)
      else rows.push(stateRow(group))
    } else {
      const offsets = await collectOffsets(context, group)
      if (report(offsets.length) && format === undefined) printOffsets(io, group.groupId, offsets, verbose)
      else rows.push(...offsetRows(group.groupId, offsets))
    }
  }
  if (format !== undefined) await printStructured(io, format, rows, Object.keys(rows[0] ?? { group: '' }))
}
