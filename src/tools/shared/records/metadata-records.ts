import { loadMetadataRecords } from '../../../embedded/storage-format.ts'
import { Reader } from '../../../protocol/reader.ts'
import { metadataSchemas } from './metadata-schemas.ts'
import { messageJson } from './schema-json.ts'

/** A record of the metadata log, read. */
export interface DecodedMetadataRecord {
  /** `TopicRecord` */
  type: string
  version: number
  data: object
}

/** Loads the reader of metadata records. */
export const metadataRecordReader = async (): Promise<(value: Buffer) => DecodedMetadataRecord> => {
  const { decodeMetadataRecord } = await loadMetadataRecords()
  return (value) => {
    const { type, data } = decodeMetadataRecord(value)
    const reader = new Reader(value)
    reader.unsignedVarint()
    reader.unsignedVarint()
    return { type, version: reader.unsignedVarint(), data }
  }
}

/** Kafka's name of a type: TOPIC_RECORD. */
export const metadataTypeName = (type: string): string => type.replace(/(?<=[a-z])[A-Z]/g, '_$&').toUpperCase()

/** The JSON of Kafka's converter of the record's type. */
export const metadataJson = ({ type, version, data }: DecodedMetadataRecord): string => {
  const schema = metadataSchemas[type]
  if (schema === undefined) throw new Error(`there is no schema of ${type}`)
  return messageJson(schema, data, version)
}
