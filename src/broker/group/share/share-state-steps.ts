import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import { coordinatorKey, type SharePartitionKey } from '../../share/share-state.ts'
import type { TopicDescriber } from '../consumer/consumer-context.ts'
import type { SharePersister } from './share-context.ts'
import { combine, NO_STATE, type ShareGroup, subtract, type TopicState, type TopicStates } from './share-group.ts'
import { type ShareGroupRecord, ShareRecordMaker } from './share-records.ts'

/** After this long an initialization is begun anew (Kafka's group.share.initialize.retry.interval.ms). */
const INITIALIZE_RETRY_MS = 30_000

/** The partitions of the topics read that have no state yet, and for which none is being made. */
export function uninitialized(
  topics: TopicDescriber,
  group: ShareGroup,
  names: Iterable<string>,
  nowMs: number,
): Map<string, TopicState> {
  const { initialized, initializing } = group.state ?? NO_STATE
  const underWay = [...initializing].filter(([, { timestampMs }]) => nowMs - timestampMs < INITIALIZE_RETRY_MS)
  const known = combine(initialized, new Map(underWay))
  const found = new Map<string, TopicState>()
  for (const name of names) {
    const topicId = topics.topicId(name)
    if (topicId === undefined) continue
    const has = known.get(topicId)?.partitions ?? new Set()
    const count = topics.partitionCount(topicId)
    if (has.size >= count) continue
    const partitions = new Set(Array.from({ length: count }, (_, i) => i).filter((partition) => !has.has(partition)))
    found.set(topicId, { name, partitions, timestampMs: nowMs })
  }
  return found
}

/** The record that says that partitions are about to get state. */
export function initializingRecord(group: ShareGroup, added: TopicStates): ShareGroupRecord {
  const { initializing, initialized, deleting } = group.state ?? NO_STATE
  const kept = new Map([...deleting].filter(([topicId]) => !added.has(topicId)))
  const all = combine(initializing, added)
  return new ShareRecordMaker(group.groupId).statePartitions({ initializing: all, initialized, deleting: kept })
}

/** The record that says that they have it; or, if that failed, that they don't. */
export function initializedRecord(group: ShareGroup, done: TopicStates, succeeded: boolean): ShareGroupRecord {
  const state = group.state ?? NO_STATE
  const gone = new Map([...done].map(([topicId, { partitions }]) => [topicId, partitions]))
  return new ShareRecordMaker(group.groupId).statePartitions({
    initializing: subtract(state.initializing, gone),
    initialized: succeeded ? combine(state.initialized, done) : state.initialized,
    deleting: state.deleting,
  })
}

/** The record of a group's state without some topics; undefined when it has none of them. */
export function withoutTopicsRecord(group: ShareGroup, topicIds: ReadonlySet<string>): ShareGroupRecord | undefined {
  const { state } = group
  if (state === undefined) return undefined
  const known = [...state.initializing.keys(), ...state.initialized.keys(), ...state.deleting.keys()]
  if (!known.some((topicId) => topicIds.has(topicId))) return undefined
  const rest = <T>(topics: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...topics].filter(([topicId]) => !topicIds.has(topicId)))
  return new ShareRecordMaker(group.groupId).statePartitions({
    initializing: rest(state.initializing),
    initialized: rest(state.initialized),
    deleting: rest(state.deleting),
  })
}

/** The share partitions of topics. */
export function* keysOf(groupId: string, topics: TopicStates): Generator<SharePartitionKey> {
  for (const [topicId, { partitions }] of topics)
    for (const partition of partitions) yield { groupId, topicId, partition }
}

/**
 * Calls `run` for each share partition, having made sure that there is a topic for their state.
 *
 * @returns what failed
 */
export async function forEachPartition(
  persister: SharePersister,
  keys: Iterable<SharePartitionKey>,
  run: (key: SharePartitionKey) => Promise<void>,
): Promise<{ readonly key: SharePartitionKey; readonly error: KafkaError }[]> {
  const failures: { key: SharePartitionKey; error: KafkaError }[] = []
  await Promise.all(
    [...keys].map(async (key) => {
      try {
        await persister.partitionFor(coordinatorKey(key))
        await run(key)
      } catch (error) {
        failures.push({ key, error: error instanceof KafkaError ? error : unexpected(error) })
      }
    }),
  )
  return failures
}

function unexpected(cause: unknown): KafkaError {
  return new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, undefined, { cause })
}
