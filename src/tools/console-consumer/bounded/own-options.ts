import type { OptionSet } from '../../../cli/joptsimple.ts'
import { flag, option } from '../../../cli/option-spec.ts'
import { usageExit } from '../../../cli/usage.ts'
import { timeWords } from '../../shared/time-options.ts'
import { parseTimeSpec, tryTimeSpec } from '../../shared/time-spec.ts'

/** Where reading starts and ends, in kt's own words. */
export interface Bounds {
  /** Undefined: the beginning, or what a group has committed. */
  from: string | undefined
  to: string | undefined
  /** So many records of each partition, up to the end. */
  tail: number | undefined
  /** Whether partitions are merged by the time of their records. */
  byTimestamp: boolean
  /** False for a read that goes on. */
  ends: boolean
}

export const boundOptions = [
  option(
    'from',
    'String',
    'time',
    `Start at ${timeWords}. -N counts records here. Without --exit and --to it goes on.`,
    {
      own: true,
      completion: ['earliest', 'latest', '@today', '@yesterday', '-1h', '-10'],
    },
  ),
  option('to', 'String', 'time', 'End before this, at the latest at the end as it is now; written as for --from.', {
    own: true,
    completion: ['latest', '@now', '@today'],
  }),
  option('tail', 'Integer', 'num_messages', 'Print so many last records of each partition, and end.', { own: true }),
  flag(
    'exit',
    'End where the partitions end as the command starts; begins at the beginning unless --from says otherwise.',
    {
      own: true,
    },
  ),
  option('order', 'String', 'timestamp', 'With an end: merge the partitions by the timestamps of their records.', {
    own: true,
    completion: ['timestamp'],
  }),
]

const names = ['from', 'to', 'tail', 'exit']

/**
 * Whether `--offset`, which Kafka refuses like this, says it in kt's words. -2 stays refused, since it means earliest in other tools of
 * Kafka.
 */
export const isOwnOffset = (text: string): boolean => {
  const kind = tryTimeSpec(text)?.kind
  return kind !== undefined && kind !== 'before-end' && kind !== 'after-start'
}

/** Whether a partition without a committed offset starts at the beginning, as it makes sense for a read that has bounds. */
export const hasBounds = (options: OptionSet): boolean => names.some((name) => options.has(name))

/** What Kafka takes for `--offset`: left to it. */
const isKafkaOffset = (text: string): boolean => /^(earliest|latest|\+?\d+)$/i.test(text)

const checkTogether = (options: OptionSet, group: string | undefined, fail: (message: string) => never): void => {
  const starts = ['from', 'tail', 'from-beginning', 'offset'].filter((name) => options.has(name))
  const pair = starts.length > 1 && starts.some((name) => names.includes(name))
  if (pair) fail(`Options ${starts.map((name) => `--${name}`).join(' and ')} cannot be specified together.`)
  if (group !== undefined && (options.has('from') || options.has('tail'))) {
    const start = options.has('from') ? 'from' : 'tail'
    fail(
      `Options --group and --${start} cannot be specified together: a group goes on where it committed. ` +
        'Move it with kt consumer-groups --reset-offsets --to, or read without --group.',
    )
  }
}

/** `--order`, which needs all partitions at hand and an end that all of them come to. */
const isByTimestamp = (options: OptionSet, group: string | undefined, fail: (message: string) => never): boolean => {
  if (!options.has('order')) return false
  const order = options.text('order')
  if (order !== 'timestamp') fail(`--order knows timestamp, not ${order}.`)
  if (group !== undefined) fail('Options --group and --order cannot be specified together.')
  if (!['exit', 'to', 'tail'].some((name) => options.has(name))) {
    fail('--order needs an end, since it waits for all partitions: --exit, --to or --tail.')
  }
  return true
}

/**
 * The bounds that kt's own options set; undefined when there are none and Kafka's rules hold.
 * @param group the group that was asked for
 * @throws CommandExit with the usage text, TimeSpecError
 */
export const readBounds = (
  spec: Parameters<typeof usageExit>[0],
  options: OptionSet,
  group: string | undefined,
): Bounds | undefined => {
  const offset = options.has('offset') ? options.text('offset') : undefined
  const ownOffset = offset !== undefined && !isKafkaOffset(offset) ? offset : undefined
  const fail = (message: string): never => usageExit(spec, message)
  const byTimestamp = isByTimestamp(options, group, fail)
  if (!hasBounds(options) && ownOffset === undefined) return undefined
  checkTogether(options, group, fail)
  const from = options.text('from') ?? offset
  const to = options.text('to')
  const tail = options.int('tail')
  for (const text of [from, to]) if (text !== undefined) parseTimeSpec(text)
  if (tail !== undefined && tail < 0) fail(`--tail needs a number of records, not ${tail}.`)
  return { from, to, tail, byTimestamp, ends: to !== undefined || tail !== undefined || options.has('exit') }
}
