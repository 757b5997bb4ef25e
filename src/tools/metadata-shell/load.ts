import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { BASE_OFFSET, isControl, readBatchHeader } from '../../protocol/records/batch-header.ts'
import { ensureBatchCodecs } from '../../protocol/records/batch-reader.ts'
import { RecordCursor } from '../../protocol/records/record-cursor.ts'
import { LogFile } from '../shared/records/log-file.ts'
import { metadataRecordReader } from '../shared/records/metadata-records.ts'
import { MetadataTree } from './image.ts'

/** Reads a .log or .checkpoint of the metadata partition into a tree. */
export const loadTree = async (path: string): Promise<MetadataTree> => {
  const { metadataVersionName } = await loadMetadataVersions()
  const read = await metadataRecordReader()
  const tree = new MetadataTree(metadataVersionName)
  const log = new LogFile(path)
  try {
    for (const { bytes } of log.batches()) {
      const header = readBatchHeader(bytes, BASE_OFFSET)
      tree.provenance = {
        offset: header.baseOffset + header.lastOffsetDelta,
        epoch: header.partitionLeaderEpoch,
        timeMs: header.maxTimestamp,
      }
      if (isControl(header.attributes)) continue
      await ensureBatchCodecs(bytes)
      const cursor = new RecordCursor(bytes, header)
      while (cursor.next()) {
        const value = cursor.value()
        if (value !== null) tree.apply(read(value))
      }
    }
  } finally {
    log.close()
  }
  return tree
}
