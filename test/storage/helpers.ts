import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach } from 'vitest'
import { ManualClock } from '../../src/base/clock.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { readBatches } from '../../src/protocol/records/batch-reader.ts'
import { buildEndTxnMarkerBatch } from '../../src/protocol/records/control-records.ts'
import { readRecords } from '../../src/protocol/records/record-cursor.ts'
import { type FileSystem, nodeFileSystem } from '../../src/storage/file-system.ts'
import { Log, type OpenLogOptions } from '../../src/storage/log.ts'
import { defaultLogConfig, type LogConfig } from '../../src/storage/log-config.ts'
import { createStorageContext, type StorageContext } from '../../src/storage/storage-context.ts'

const cleanups: (() => void)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

export function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'kt-storage-'))
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }))
  return directory
}

export const NOW = 1_700_000_000_000
export const topicPartition = { topic: 'orders', partition: 0 }

export interface TestContext extends StorageContext {
  clock: ManualClock
  messages: string[]
}

/** A context with a clock that stands still; log output goes to `messages`. */
export function testContext(parts: Partial<StorageContext> = {}): TestContext {
  const messages: string[] = []
  const note = (message: string): void => {
    messages.push(message)
  }
  const clock = new ManualClock(NOW)
  const context = createStorageContext({ clock, logger: { info: note, warn: note, error: note }, ...parts })
  return { ...context, clock, messages }
}

export const smallConfig: LogConfig = { ...defaultLogConfig, segmentBytes: 4096, indexIntervalBytes: 200 }

export async function openLog(
  context: StorageContext,
  directory: string,
  config: Partial<LogConfig> = {},
  options: OpenLogOptions = {},
): Promise<Log> {
  const log = await Log.open(context, `${directory}/orders-0`, topicPartition, { ...smallConfig, ...config }, options)
  cleanups.push(() => log.closeHandles())
  return log
}

export interface BatchInput {
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  transactional?: boolean
  timestamp?: number
}

/** A batch of the given values. */
export function batch(values: readonly string[], options: BatchInput = {}): Buffer {
  const { timestamp = NOW, ...rest } = options
  return buildBatch(
    values.map((value) => ({ value: Buffer.from(value), timestamp })),
    rest,
  )
}

export function marker(producerId: number, producerEpoch: number, commit: boolean, coordinatorEpoch = 0): Buffer {
  return buildEndTxnMarkerBatch({ commit, coordinatorEpoch, producerId, producerEpoch, timestamp: NOW })
}

/** All records of a buffer as `offset:value`. */
export function recordsOf(buffer: Buffer): string[] {
  const found: string[] = []
  for (const header of readBatches(buffer)) {
    for (const record of readRecords(buffer, header)) found.push(`${record.offset}:${record.value?.toString()}`)
  }
  return found
}

/** All records of a log, read in small steps. */
export function allRecords(log: Log, maxBytes = 300): string[] {
  const found: string[] = []
  let offset = log.logStartOffset
  while (offset < log.writtenOffset) {
    const buffer = log.read({ startOffset: offset, maxBytes })
    if (buffer.length === 0) break
    for (const header of readBatches(buffer)) {
      for (const record of readRecords(buffer, header)) {
        if (record.offset >= offset) found.push(`${record.offset}:${record.value?.toString()}`)
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1
    }
  }
  return found
}

/** A disk that breaks on demand. */
export class FaultyDisk {
  /** Bytes that writes may still take, before ENOSPC. */
  roomBytes = Number.POSITIVE_INFINITY
  /** Every write takes at most so many bytes. */
  shortWriteBytes = Number.POSITIVE_INFINITY
  failSync = false
  failTruncate = false
  writes = 0
  readonly fileSystem: FileSystem

  constructor() {
    this.fileSystem = {
      ...nodeFileSystem,
      write: (fd, buffers, position) => this.#write(fd, buffers, position),
      sync: (fd) => (this.failSync ? Promise.reject(systemError('EIO')) : nodeFileSystem.sync(fd)),
      truncate: (fd, sizeBytes) => {
        if (this.failTruncate) throw systemError('EIO')
        nodeFileSystem.truncate(fd, sizeBytes)
      },
    }
  }

  #write(fd: number, buffers: readonly Buffer[], position: number): number {
    this.writes++
    const whole = Buffer.concat(buffers)
    const take = Math.min(whole.length, this.roomBytes, this.shortWriteBytes)
    if (take === 0 && whole.length > 0) throw systemError('ENOSPC')
    this.roomBytes -= take
    return nodeFileSystem.write(fd, [whole.subarray(0, take)], position)
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: the test says so`), { code })
}
