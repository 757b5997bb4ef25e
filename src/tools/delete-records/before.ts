import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { forbidTogether, requireOptions } from '../../cli/usage.ts'
import type { Admin } from '../../client/types.ts'
import { partitionsOf } from '../consumer-groups/topic-partitions.ts'
import { logRange, type Offsets, offsetsAt, resolveAndTell, tellPartitions } from '../shared/offsets-at.ts'
import { parseTimeSpec } from '../shared/time-spec.ts'
import { spec } from './options.ts'

/** Whether the options say by topics and a time what is to be deleted, instead of by a file. */
export const isByTime = (options: OptionSet): boolean =>
  ['topic', 'before', 'dry-run'].some((name) => options.has(name))

/**
 * @throws CommandExit with the usage text when what goes together isn't there, TimeSpecError
 */
export const checkByTime = (options: OptionSet): void => {
  for (const name of ['topic', 'before', 'dry-run']) forbidTogether(spec, options, name, ['offset-json-file'])
  requireOptions(spec, options, 'topic', 'before')
  parseTimeSpec(options.text('before')!)
}

const counted = (offset: number, start: number): string =>
  offset > start ? `before offset ${offset} (up to ${offset - start} records)` : 'nothing'

/**
 * The offsets before which records go, told on standard error. Partitions that would lose nothing are left out.
 * @returns none with `--dry-run`
 */
export const offsetsByTime = async (admin: Admin, options: OptionSet, io: Io): Promise<Offsets> => {
  const place = resolveAndTell(options.text('before')!, io)
  const partitions = await partitionsOf(admin, options.texts('topic'))
  const range = await logRange(admin, partitions)
  const offsets = await offsetsAt(admin, place, range)
  const told = new Map([...offsets].map(([tp, offset]) => [tp, counted(offset, range.starts.get(tp)!)]))
  println(io.err, `${options.has('dry-run') ? 'Would delete' : 'Deletes'} ${tellPartitions(told, (text) => text)}`)
  if (options.has('dry-run')) return new Map()
  return new Map([...offsets].filter(([tp, offset]) => offset > range.starts.get(tp)!))
}
