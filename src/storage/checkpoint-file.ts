import { type FileSystem, readWholeFile, writeAtomically } from './file-system.ts'
import type { StorageLogger } from './logger.ts'

const VERSION = 0

/**
 * Kafka's checkpoint format, version 0: a line with the version, a line with the number of entries, a line per entry.
 * Returns undefined when the text isn't that (a torn or foreign file).
 */
function parse(text: string): string[] | undefined {
  const lines = text.split('\n')
  if (lines[0] !== String(VERSION) || !/^\d+$/.test(lines[1] ?? '')) return undefined
  const count = Number(lines[1])
  const entries = lines.slice(2).filter((line) => line !== '')
  return entries.length === count ? entries : undefined
}

/**
 * Reads a checkpoint file; a missing or empty one has no entries. One that can't be read is reported and counts as
 * empty, because recovery can do without any checkpoint: it only has to scan more.
 */
export function readCheckpoint(fileSystem: FileSystem, path: string, logger: StorageLogger): string[] {
  try {
    const content = readWholeFile(fileSystem, path)
    if (content === undefined || content.length === 0) return []
    const entries = parse(content.toString())
    if (entries) return entries
    logger.warn(`The checkpoint file ${path} is malformed and is ignored; logs are recovered from their start.`)
  } catch (error) {
    logger.warn(`The checkpoint file ${path} can't be read (${String(error)}) and is ignored.`)
  }
  return []
}

/** Writes a checkpoint file atomically (temporary file, fsync, rename, fsync of the directory). */
export function writeCheckpoint(
  fileSystem: FileSystem,
  directory: string,
  name: string,
  entries: readonly string[],
): void {
  writeAtomically(fileSystem, directory, name, `${[VERSION, entries.length, ...entries].join('\n')}\n`)
}
