/** Records of __remote_log_metadata (KIP-405), as the texts of Kafka's Java classes. */
import { Reader } from '../../protocol/reader.ts'

const SEGMENT_STATES = [
  'COPY_SEGMENT_STARTED',
  'COPY_SEGMENT_FINISHED',
  'DELETE_SEGMENT_STARTED',
  'DELETE_SEGMENT_FINISHED',
]
const PARTITION_STATES = ['DELETE_PARTITION_MARKED', 'DELETE_PARTITION_STARTED', 'DELETE_PARTITION_FINISHED']
const TXN_INDEX_EMPTY_TAG = 0

const compactBytes = (reader: Reader): Buffer | null => reader.nullableBytes(true)

const partitionText = (reader: Reader): string => {
  const name = reader.string(true)
  const id = reader.uuid()
  const partition = reader.int32()
  reader.taggedFields()
  return `${id}:${name}-${partition}`
}

const segmentIdText = (reader: Reader): string => {
  const partition = partitionText(reader)
  const id = reader.uuid()
  reader.taggedFields()
  return `RemoteLogSegmentId{topicIdPartition=${partition}, id=${id}}`
}

const customText = (bytes: Buffer | null): string =>
  bytes === null ? 'Optional.empty' : `Optional[CustomMetadata{${bytes.length} bytes}]`

const segmentText = (reader: Reader): string => {
  const id = segmentIdText(reader)
  const [start, end] = [reader.int64(), reader.int64()]
  const broker = reader.int32()
  const [maxMs, eventMs] = [reader.int64(), reader.int64()]
  const epochs: string[] = []
  for (let left = reader.unsignedVarint() - 1; left > 0; left--) {
    epochs.push(`${reader.int32()}=${reader.int64()}`)
    reader.taggedFields()
  }
  const size = reader.int32()
  const custom = compactBytes(reader)
  const state = SEGMENT_STATES[reader.int8()]
  const empty = reader.taggedFields()?.find(({ tag }) => tag === TXN_INDEX_EMPTY_TAG)?.data[0] === 1
  return (
    `RemoteLogSegmentMetadata{remoteLogSegmentId=${id}, startOffset=${start}, endOffset=${end}, brokerId=${broker}, ` +
    `maxTimestampMs=${maxMs}, eventTimestampMs=${eventMs}, segmentLeaderEpochs={${epochs.join(', ')}}, ` +
    `segmentSizeInBytes=${size}, customMetadata=${customText(custom)}, state=${state}, txnIdxEmpty=${empty}}`
  )
}

const updateText = (reader: Reader): string => {
  const id = segmentIdText(reader)
  const broker = reader.int32()
  const eventMs = reader.int64()
  const custom = compactBytes(reader)
  const state = SEGMENT_STATES[reader.int8()]
  return (
    `RemoteLogSegmentMetadataUpdate{remoteLogSegmentId=${id}, customMetadata=${customText(custom)}, state=${state}, ` +
    `eventTimestampMs=${eventMs}, brokerId=${broker}}`
  )
}

const deleteText = (reader: Reader): string => {
  const partition = partitionText(reader)
  const broker = reader.int32()
  const eventMs = reader.int64()
  const state = PARTITION_STATES[reader.int8()]
  return `RemotePartitionDeleteMetadata{topicPartition=${partition}, state=${state}, eventTimestampMs=${eventMs}, brokerId=${broker}}`
}

const kinds = [segmentText, updateText, deleteText]

/**
 * The text of one record: frame version, type and version as unsigned varints, then the message.
 * @param checkFrameVersion throws for a frame that is unknown
 * @throws Error for what is no such record
 */
export const remoteMetadataText = (value: Buffer, checkFrameVersion: (version: number) => void): string => {
  const reader = new Reader(value)
  const frameVersion = reader.unsignedVarint()
  checkFrameVersion(frameVersion)
  const type = reader.unsignedVarint()
  const version = reader.unsignedVarint()
  const kind = kinds[type]
  if (kind === undefined || version !== 0) throw new Error(`Unknown metadata type ${type} version ${version}`)
  return kind(reader)
}
