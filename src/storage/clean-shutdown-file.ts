import { type FileSystem, readWholeFile, writeAtomically } from './file-system.ts'

export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'

/** Leaves the marker that says: every log of this directory was flushed and closed. */
export function writeCleanShutdownFile(fileSystem: FileSystem, directory: string, brokerEpoch: number): void {
  writeAtomically(fileSystem, directory, CLEAN_SHUTDOWN_FILE, JSON.stringify({ version: 0, brokerEpoch }))
}

/**
 * Removes the marker, and says whether it was there and with which broker epoch (-1 when it names none). It is removed
 * before loading begins, so that a crash while loading counts as unclean.
 */
export function takeCleanShutdownFile(
  fileSystem: FileSystem,
  directory: string,
): { wasClean: boolean; brokerEpoch: number } {
  const path = `${directory}/${CLEAN_SHUTDOWN_FILE}`
  const content = readWholeFile(fileSystem, path)
  if (content === undefined) return { wasClean: false, brokerEpoch: -1 }
  fileSystem.remove(path)
  fileSystem.syncDirectory(directory)
  const epoch = /"brokerEpoch"\s*:\s*(-?\d+)/.exec(content.toString())?.[1]
  return { wasClean: true, brokerEpoch: epoch === undefined ? -1 : Number(epoch) }
}
