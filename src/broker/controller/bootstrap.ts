import { isControl } from '../../protocol/records/batch-header.ts'
import { ensureBatchCodecs, readBatches, validateBatch } from '../../protocol/records/batch-reader.ts'
import { readRecords } from '../../protocol/records/record-cursor.ts'
import { type FileSystem, readWholeFile } from '../../storage/file-system.ts'
import { BOOTSTRAP_FEATURES } from './features.ts'
import { ConfigResourceType } from './metadata-image.ts'
import { decodeMetadataRecord, type MetadataRecordDraft } from './metadata-record.ts'

const BOOTSTRAP_FILE = 'bootstrap.checkpoint'
const ELR_FEATURE = 'eligible.leader.replicas.version'

/**
 * The first records of a new cluster: what the formatter left in bootstrap.checkpoint (feature levels, credentials), framed as one
 * metadata transaction, and with eligible leader replicas the cluster-wide min.insync.replicas that KIP-966 asks for.
 */
export async function bootstrapRecords(
  fileSystem: FileSystem,
  dir: string,
  minInSyncReplicas: number,
): Promise<MetadataRecordDraft[]> {
  const records = await readBootstrapFile(fileSystem, `${dir}/${BOOTSTRAP_FILE}`)
  if (records.length === 0) {
    for (const [name, featureLevel] of BOOTSTRAP_FEATURES)
      records.push({ type: 'FeatureLevelRecord', data: { name, featureLevel } })
  }
  const hasElr = records.some(
    (r) => r.type === 'FeatureLevelRecord' && r.data.name === ELR_FEATURE && (r.data.featureLevel ?? 0) > 0,
  )
  if (hasElr) {
    records.push({
      type: 'ConfigRecord',
      data: {
        resourceType: ConfigResourceType.BROKER,
        resourceName: '',
        name: 'min.insync.replicas',
        value: String(minInSyncReplicas),
      },
    })
  }
  return [
    { type: 'BeginTransactionRecord', data: { name: 'Bootstrap records' } },
    ...records,
    { type: 'EndTransactionRecord', data: {} },
  ]
}

async function readBootstrapFile(fileSystem: FileSystem, path: string): Promise<MetadataRecordDraft[]> {
  const content = readWholeFile(fileSystem, path)
  if (!content) return []
  await ensureBatchCodecs(content)
  const out: MetadataRecordDraft[] = []
  for (const header of readBatches(content)) {
    validateBatch(content, header)
    if (isControl(header.attributes)) continue
    for (const record of readRecords(content, header)) if (record.value) out.push(decodeMetadataRecord(record.value))
  }
  return out
}
