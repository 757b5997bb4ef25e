import { type Clock, systemClock } from '../base/clock.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { IndexCache } from './index-cache.ts'
import { type StorageLogger, silentLogger } from './logger.ts'
import { TailCache } from './tail-cache.ts'

/** What all logs of a broker share. */
export interface StorageContext {
  fileSystem: FileSystem
  clock: Clock
  logger: StorageLogger
  tailCache: TailCache
  indexCache: IndexCache
  /** producer.id.expiration.ms */
  producerIdExpirationMs: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** A context with the given parts; the rest is the real disk, the real clock, no log output and Kafka's defaults. */
export function createStorageContext(parts: Partial<StorageContext> = {}): StorageContext {
  return {
    fileSystem: nodeFileSystem,
    clock: systemClock,
    logger: silentLogger,
    tailCache: new TailCache(),
    indexCache: new IndexCache(),
    producerIdExpirationMs: DAY_MS,
    ...parts,
  }
}
