import { z } from 'zod'
import {
  type DocumentSpec,
  nodeId,
  offsetOrNull,
  partition,
  producerEpoch,
  producerId,
  timestampMs,
  topic,
  topicPartition,
  transactionalId,
} from '../shared/document-fields.ts'

const state = z.string().describe("State in Kafka's words: Ongoing, CompleteCommit …")
const coordinatorEpoch = z.int().nullable().describe('Null before the first transaction ended')
const startOffset = offsetOrNull('Where the open transaction starts in the partition; null when none is open')
const lastTimestampMs = timestampMs('When it last wrote').nullable()

const list = z.strictObject({ transactionalId, coordinator: nodeId, producerId, state })

const describe = z.strictObject({
  coordinator: nodeId,
  transactionalId,
  producerId,
  producerEpoch,
  state,
  transactionTimeoutMs: z.int(),
  startTimestampMs: timestampMs('When the open transaction began').nullable(),
  durationMs: z.int().nullable().describe('How long it has been open'),
  partitions: z.array(topicPartition),
})

const producers = z.strictObject({
  topic,
  partition,
  producerId,
  producerEpoch,
  coordinatorEpoch,
  lastSequence: z.int().nullable(),
  lastTimestampMs,
  startOffset,
})

const hanging = z.strictObject({
  topic,
  partition,
  producerId,
  producerEpoch,
  coordinatorEpoch,
  startOffset,
  lastTimestampMs,
  durationMs: z.int().describe('How long it has been open'),
})

const command = 'transactions'

export const documents: readonly DocumentSpec[] = [
  { name: 'transactions-list', command, action: 'list', row: list },
  { name: 'transactions-describe', command, action: 'describe', row: describe },
  { name: 'transactions-describe-producers', command, action: 'describe-producers', row: producers },
  { name: 'transactions-find-hanging', command, action: 'find-hanging', row: hanging },
]
