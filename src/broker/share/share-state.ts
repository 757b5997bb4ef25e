import { decode, decodeVersioned, encode, encodeVersioned } from '../../protocol/codec.ts'
import { ShareSnapshotKey, ShareSnapshotValue } from '../../protocol/generated/data/share-snapshot.ts'
import { ShareUpdateKey, ShareUpdateValue } from '../../protocol/generated/data/share-update.ts'
import { MalformedMessageError } from '../../protocol/reader.ts'
import { combineBatches, type StateBatch } from './state-batches.ts'

/** A partition as one share group reads it. */
export interface SharePartitionKey {
  readonly groupId: string
  readonly topicId: string
  readonly partition: number
}

/** How clients name a share partition to FindCoordinator, and what its coordinator is found by. */
export function coordinatorKey({ groupId, topicId, partition }: SharePartitionKey): string {
  return `${groupId}:${topicId}:${partition}`
}

/** What is persisted of a share partition. */
export interface ShareState {
  /** Counts the snapshots. */
  readonly snapshotEpoch: number
  /** Of the group's initialization; older writers are fenced. */
  readonly stateEpoch: number
  readonly leaderEpoch: number
  /** -1 until the group's share.auto.offset.reset has decided. */
  readonly startOffset: number
  /** Records from the start offset on that will not be delivered again; -1 when that isn't known. */
  readonly deliveryCompleteCount: number
  readonly createTimestampMs: number
  readonly writeTimestampMs: number
  readonly stateBatches: readonly StateBatch[]
}

/** News of a share partition since its last snapshot. */
export interface ShareUpdate {
  readonly snapshotEpoch: number
  readonly leaderEpoch: number
  readonly startOffset: number
  readonly deliveryCompleteCount: number
  readonly stateBatches: readonly StateBatch[]
}

/** One record of __share_group_state; a tombstone ends a share partition. */
export type ShareStateRecord = { readonly key: SharePartitionKey } & (
  | { readonly kind: 'snapshot'; readonly value: ShareState | null }
  | { readonly kind: 'update'; readonly value: ShareUpdate | null }
)

const VERSION = 0

/** The state after an update; -1 leaves a field as it is. */
export function applyUpdate(state: ShareState, update: ShareUpdate): ShareState {
  const startOffset = update.startOffset === -1 ? state.startOffset : update.startOffset
  return {
    ...state,
    startOffset,
    leaderEpoch: update.leaderEpoch === -1 ? state.leaderEpoch : update.leaderEpoch,
    deliveryCompleteCount: update.deliveryCompleteCount,
    stateBatches: combineBatches(state.stateBatches, update.stateBatches, startOffset),
  }
}

/** The state of a share partition whose first record is an update: its snapshot is lost. */
export function stateFromUpdate(update: ShareUpdate): ShareState {
  return { ...update, stateEpoch: 0, createTimestampMs: -1, writeTimestampMs: -1 }
}

/** The bytes of a record as Kafka writes them: the key starts with its type. */
export function encodeShareStateRecord(record: ShareStateRecord): { key: Buffer; value: Buffer | null } {
  if (record.kind === 'snapshot') {
    const { value } = record
    const key = withType(ShareSnapshotKey.apiKey, encode(ShareSnapshotKey, record.key, VERSION))
    if (value === null) return { key, value: null }
    const { createTimestampMs, writeTimestampMs, stateBatches, startOffset, ...rest } = value
    const message = {
      ...rest,
      startOffset: BigInt(startOffset),
      createTimestamp: BigInt(createTimestampMs),
      writeTimestamp: BigInt(writeTimestampMs),
      stateBatches: stateBatches.map(wireBatch),
    }
    return { key, value: encodeVersioned(ShareSnapshotValue, message, VERSION) }
  }
  const key = withType(ShareUpdateKey.apiKey, encode(ShareUpdateKey, record.key, VERSION))
  if (record.value === null) return { key, value: null }
  const { stateBatches, startOffset, ...rest } = record.value
  const message = { ...rest, startOffset: BigInt(startOffset), stateBatches: stateBatches.map(wireBatch) }
  return { key, value: encodeVersioned(ShareUpdateValue, message, VERSION) }
}

function withType(type: number, body: Buffer): Buffer {
  const key = Buffer.allocUnsafe(2 + body.length)
  key.writeInt16BE(type, 0)
  body.copy(key, 2)
  return key
}

interface WireBatch {
  firstOffset: bigint
  lastOffset: bigint
  deliveryState: number
  deliveryCount: number
}

/** A state batch as messages and records hold it. */
export function wireBatch({ firstOffset, lastOffset, deliveryState, deliveryCount }: StateBatch): WireBatch {
  return { firstOffset: BigInt(firstOffset), lastOffset: BigInt(lastOffset), deliveryState, deliveryCount }
}

/** The reverse of `wireBatch`. */
export function stateBatch({ firstOffset, lastOffset, deliveryState, deliveryCount }: WireBatch): StateBatch {
  return { firstOffset: Number(firstOffset), lastOffset: Number(lastOffset), deliveryState, deliveryCount }
}

/**
 * Decodes a record of __share_group_state.
 *
 * @returns undefined for a type that isn't known
 * @throws MalformedMessageError
 */
export function decodeShareStateRecord(key: Buffer, value: Buffer | null): ShareStateRecord | undefined {
  if (key.length < 2) throw new MalformedMessageError('a key of __share_group_state is shorter than its record type')
  const body = key.subarray(2)
  switch (key.readInt16BE(0)) {
    case ShareSnapshotKey.apiKey: {
      const message = decodeVersioned(ShareSnapshotValue, value)
      const read = message && {
        snapshotEpoch: message.snapshotEpoch,
        stateEpoch: message.stateEpoch,
        leaderEpoch: message.leaderEpoch,
        startOffset: Number(message.startOffset),
        deliveryCompleteCount: message.deliveryCompleteCount,
        createTimestampMs: Number(message.createTimestamp),
        writeTimestampMs: Number(message.writeTimestamp),
        stateBatches: message.stateBatches.map(stateBatch),
      }
      return { kind: 'snapshot', key: decode(ShareSnapshotKey, body, VERSION), value: read }
    }
    case ShareUpdateKey.apiKey: {
      const message = decodeVersioned(ShareUpdateValue, value)
      const read = message && {
        snapshotEpoch: message.snapshotEpoch,
        leaderEpoch: message.leaderEpoch,
        startOffset: Number(message.startOffset),
        deliveryCompleteCount: message.deliveryCompleteCount,
        stateBatches: message.stateBatches.map(stateBatch),
      }
      return { kind: 'update', key: decode(ShareUpdateKey, body, VERSION), value: read }
    }
    default:
      return undefined
  }
}
