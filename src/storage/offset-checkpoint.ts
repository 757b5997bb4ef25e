import { readCheckpoint, writeCheckpoint } from './checkpoint-file.ts'
import type { TopicPartition } from './file-names.ts'
import type { FileSystem } from './file-system.ts'
import type { StorageLogger } from './logger.ts'

export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint'
export const LOG_START_CHECKPOINT = 'log-start-offset-checkpoint'
export const HIGH_WATERMARK_CHECKPOINT = 'replication-offset-checkpoint'
export const CLEANER_CHECKPOINT = 'cleaner-offset-checkpoint'

/** Key of a partition in the maps below: its directory's name. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** Reads lines of `topic partition offset`. Lines that aren't that are skipped with a warning. */
export function readOffsetCheckpoint(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  logger: StorageLogger,
): Map<string, number> {
  const offsets = new Map<string, number>()
  for (const line of readCheckpoint(fileSystem, `${directory}/${name}`, logger)) {
    const found = /^(\S+) (\d+) (\d+)$/.exec(line)
    if (found) offsets.set(`${found[1]}-${found[2]}`, Number(found[3]))
    else logger.warn(`The line "${line}" of ${directory}/${name} is malformed and is ignored.`)
  }
  return offsets
}

/** Writes lines of `topic partition offset` from a map keyed as `partitionKey` does. */
export function writeOffsetCheckpoint(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  offsets: ReadonlyMap<string, number>,
): void {
  const lines = [...offsets].map(([key, offset]) => {
    const dash = key.lastIndexOf('-')
    return `${key.slice(0, dash)} ${key.slice(dash + 1)} ${offset}`
  })
  writeCheckpoint(fileSystem, directory, name, lines)
}
