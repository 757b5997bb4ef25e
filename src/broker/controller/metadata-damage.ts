import { BATCH_OVERHEAD, readBatchHeader } from '../../protocol/records/batch-header.ts'
import { validateBatch } from '../../protocol/records/batch-reader.ts'
import { CorruptRecordError } from '../../protocol/records/corrupt-record-error.ts'
import { StorageError } from '../../storage/errors.ts'
import { type FileSystem, readWholeFile } from '../../storage/file-system.ts'

/** Whether a whole, valid batch begins at `position`. */
function isBatch(content: Buffer, position: number): boolean {
  if (content.length - position < BATCH_OVERHEAD) return false
  try {
    const header = readBatchHeader(content, position)
    if (header.magic !== 2 || header.baseOffset < 0) return false
    validateBatch(content, header)
    return true
  } catch (error) {
    if (error instanceof CorruptRecordError) return false
    throw error
  }
}

/**
 * Looks through the metadata log before it is opened. A torn last batch is what a crash leaves, and recovery cuts it off. A bad batch with good
 * ones after it is damage: cutting there would forget topics that exist, so the broker must not start on it.
 *
 * @throws StorageError naming file and position
 */
export function refuseDamage(fileSystem: FileSystem, directory: string): void {
  for (const name of fileSystem.list(directory)) {
    if (!/^\d{20}\.log$/.test(name)) continue
    const path = `${directory}/${name}`
    const content = readWholeFile(fileSystem, path) ?? Buffer.alloc(0)
    let position = 0
    while (isBatch(content, position)) position += readBatchHeader(content, position).sizeBytes
    for (let later = position + 1; later < content.length; later++) {
      if (isBatch(content, later)) {
        throw new StorageError(
          `The metadata log ${path} is damaged at byte ${position}, and there are good records after it. ` +
            'Restore the file from a copy; cut off at that byte it would forget topics.',
        )
      }
    }
  }
}
