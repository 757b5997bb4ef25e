import type { MessageCodec } from '../../protocol/codec.ts'
import { KRaftVersionRecord } from '../../protocol/generated/data/k-raft-version-record.ts'
import { LeaderChangeMessage } from '../../protocol/generated/data/leader-change-message.ts'
import { SnapshotFooterRecord } from '../../protocol/generated/data/snapshot-footer-record.ts'
import { SnapshotHeaderRecord } from '../../protocol/generated/data/snapshot-header-record.ts'
import { VotersRecord } from '../../protocol/generated/data/voters-record.ts'
import { Reader } from '../../protocol/reader.ts'
import { ControlType, decodeControlKey, decodeEndTxnMarker } from '../../protocol/records/control-records.ts'
import kRaftVersionRecord from '../../protocol/schema/KRaftVersionRecord.json' with { type: 'json' }
import leaderChangeMessage from '../../protocol/schema/LeaderChangeMessage.json' with { type: 'json' }
import snapshotFooterRecord from '../../protocol/schema/SnapshotFooterRecord.json' with { type: 'json' }
import snapshotHeaderRecord from '../../protocol/schema/SnapshotHeaderRecord.json' with { type: 'json' }
import votersRecord from '../../protocol/schema/VotersRecord.json' with { type: 'json' }
import { type MessageSchema, messageJson } from '../shared/records/schema-json.ts'
import type { Row } from '../shared/structured.ts'

interface ControlMessage {
  title: string
  codec: MessageCodec<object>
  schema: MessageSchema
}

const message = (title: string, codec: unknown, schema: unknown): ControlMessage =>
  ({ title, codec, schema }) as ControlMessage

const messages = new Map<number, ControlMessage>([
  [ControlType.LEADER_CHANGE, message('LeaderChange:', LeaderChangeMessage, leaderChangeMessage)],
  [ControlType.SNAPSHOT_HEADER, message('SnapshotHeader', SnapshotHeaderRecord, snapshotHeaderRecord)],
  [ControlType.SNAPSHOT_FOOTER, message('SnapshotFooter', SnapshotFooterRecord, snapshotFooterRecord)],
  [ControlType.KRAFT_VERSION, message('KRaftVersion', KRaftVersionRecord, kRaftVersionRecord)],
  [ControlType.KRAFT_VOTERS, message('KRaftVoters', VotersRecord, votersRecord)],
])

const messageOf = (type: number, value: Buffer | null): { known: ControlMessage; json: string } | undefined => {
  const known = messages.get(type)
  if (known === undefined || value === null) return undefined
  // These messages carry their version as their first field, which tells nothing of how to read them.
  const { codec, schema } = known
  const version = Math.max(codec.minVersion, Math.min(value.readInt16BE(0), codec.maxVersion))
  return { known, json: messageJson(schema, codec.read(new Reader(value), version), version) }
}

/** A control record as a row. */
export const controlRow = (key: Buffer | null, value: Buffer | null): Row => {
  const { type } = decodeControlKey(key)
  const marker = decodeEndTxnMarker(key, value)
  if (marker) {
    return { type: marker.commit ? 'COMMIT' : 'ABORT', coordinatorEpoch: marker.coordinatorEpoch, data: null }
  }
  const name = Object.entries(ControlType).find(([, number]) => number === type)?.[0] ?? `UNKNOWN(${type})`
  const message = messageOf(type, value)
  return { type: name, coordinatorEpoch: null, data: message ? (JSON.parse(message.json) as Row) : null }
}

/** What a control record says, with a blank before it. */
export const controlText = (key: Buffer | null, value: Buffer | null): string => {
  const { type } = decodeControlKey(key)
  const marker = decodeEndTxnMarker(key, value)
  if (marker) {
    return ` endTxnMarker: ${marker.commit ? 'COMMIT' : 'ABORT'} coordinatorEpoch: ${marker.coordinatorEpoch}`
  }
  const message = messageOf(type, value)
  return message === undefined ? ` controlType: UNKNOWN(${type})` : ` ${message.known.title} ${message.json}`
}
