import { StorageError } from './errors.ts'
import { type FileSystem, readWholeFile, writeAtomically } from './file-system.ts'

export const PARTITION_METADATA_FILE = 'partition.metadata'

/** The topic id (Kafka's 22 characters) that a partition's directory belongs to; undefined when there is no file. */
export function readPartitionMetadata(fileSystem: FileSystem, directory: string): string | undefined {
  const path = `${directory}/${PARTITION_METADATA_FILE}`
  const text = readWholeFile(fileSystem, path)?.toString()
  if (text === undefined || text === '') return undefined
  const found = /^version: 0\ntopic_id: (\S{22})\s*$/.exec(text)
  if (!found) throw new StorageError(`${path} is malformed: expected "version: 0" and "topic_id: …".`)
  return found[1]
}

/** Not fsynced: a partition whose file is lost gets it again from the metadata log. */
export function writePartitionMetadata(fileSystem: FileSystem, directory: string, topicId: string): void {
  writeAtomically(fileSystem, directory, PARTITION_METADATA_FILE, `version: 0\ntopic_id: ${topicId}`, false)
}
