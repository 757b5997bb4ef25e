import { futureDirName, futureOfDirName, partitionDirName, type TopicPartition } from './file-names.ts'
import { FutureLog } from './future-log.ts'
import { Log } from './log.ts'
import type { LogConfig } from './log-config.ts'
import { partitionKey } from './offset-checkpoint.ts'
import { writePartitionMetadata } from './partition-metadata-file.ts'
import type { StorageContext } from './storage-context.ts'

/** What a move needs of the log manager. */
export interface FutureLogsHost {
  current(key: string): Log | undefined
  configOf(topic: string): LogConfig
  bytesPerSecond(): number
  /** Opens the log of a partition in a directory as the partition's own. */
  open(dir: string, topicPartition: TopicPartition): Promise<Log>
  /** Removes a copy from the disk. */
  discard(log: Log): void
  /** Lets the copy take the log's place. */
  replace(current: Log, future: Log): void
}

interface Abandoned {
  dir: string
  name: string
  topicPartition: TopicPartition
}

const dirOf = (log: Log): string => log.directory.slice(0, log.directory.lastIndexOf('/'))

/** All moves of logs between the log directories of a broker (KIP-113). */
export class FutureLogs {
  readonly #context: StorageContext
  readonly #host: FutureLogsHost
  readonly #moves = new Map<string, FutureLog>()
  /** Copies that a stop or crash left behind. */
  readonly #abandoned = new Map<string, Abandoned>()
  #isClosed = false

  constructor(context: StorageContext, host: FutureLogsHost) {
    this.#context = context
    this.#host = host
  }

  /** Remembers a directory found at the start; false when it isn't a copy. */
  note(dir: string, name: string): boolean {
    const topicPartition = futureOfDirName(name)
    if (!topicPartition) return false
    this.#abandoned.set(partitionKey(topicPartition), { dir, name, topicPartition })
    return true
  }

  /** A copy that is all there is of its partition becomes its log: the broker died between the two renames. */
  async recover(): Promise<void> {
    const { fileSystem } = this.#context
    for (const [key, { dir, name, topicPartition }] of [...this.#abandoned]) {
      if (this.#host.current(key)) continue
      this.#abandoned.delete(key)
      fileSystem.rename(`${dir}/${name}`, `${dir}/${partitionDirName(topicPartition)}`)
      fileSystem.syncDirectory(dir)
      await this.#host.open(dir, topicPartition)
    }
  }

  /** Goes on with the moves that the last stop interrupted. Throws StorageError. */
  async resume(): Promise<void> {
    for (const [key, { dir, name, topicPartition }] of [...this.#abandoned]) {
      this.#abandoned.delete(key)
      await this.#start(topicPartition, dir, `${dir}/${name}`)
    }
  }

  /** The copy of a partition's log that is under way. */
  of(topicPartition: TopicPartition): Log | undefined {
    return this.#moves.get(partitionKey(topicPartition))?.log
  }

  logs(): Log[] {
    return [...this.#moves.values()].map(({ log }) => log)
  }

  /**
   * Moves a partition's log to another log directory, in the background; resolves when that has begun. Naming the directory the log is in
   * gives up a move under way. Throws StorageError.
   */
  async move(topicPartition: TopicPartition, dir: string): Promise<void> {
    const current = this.#host.current(partitionKey(topicPartition))
    const future = this.of(topicPartition)
    if (!current || (future && dirOf(future) === dir)) return
    this.drop(topicPartition)
    if (dirOf(current) !== dir) await this.#start(topicPartition, dir, `${dir}/${futureDirName(topicPartition)}`)
  }

  async #start(topicPartition: TopicPartition, dir: string, directory: string): Promise<void> {
    const { logger, fileSystem } = this.#context
    const key = partitionKey(topicPartition)
    const current = this.#host.current(key)
    if (!current) return
    const config = this.#host.configOf(topicPartition.topic)
    const future = await Log.open(this.#context, directory, topicPartition, config, { isClean: false })
    // Another move, the end of the topic or of the broker may have come meanwhile.
    if (this.#isClosed) {
      future.closeHandles()
      return
    }
    if (this.#moves.has(key) || this.#host.current(key) !== current) {
      this.#host.discard(future)
      return
    }
    if (current.topicId !== undefined) writePartitionMetadata(fileSystem, directory, current.topicId)
    future.topicId = current.topicId
    const move = new FutureLog({ current, future, bytesPerSecond: () => this.#host.bytesPerSecond() })
    this.#moves.set(key, move)
    logger.info(`Moving the log ${current.name} to ${dir}.`)
    move
      .catchUp(() => this.#finish(key, move))
      .catch((error: unknown) => {
        logger.error(`The log ${current.name} can't be moved to ${dir}: ${String(error)}`)
        if (this.#moves.get(key) === move) this.drop(topicPartition)
      })
      // What can't be removed now is found by the next start.
      .catch((error: unknown) => logger.error(`A part of ${current.name} is left in ${dir}: ${String(error)}`))
  }

  #finish(key: string, { current, log }: FutureLog): void {
    if (this.#moves.get(key)?.log !== log) return
    log.incrementLogStartOffset(current.logStartOffset)
    this.#moves.delete(key)
    this.#host.replace(current, log)
    this.#context.logger.info(`The log ${log.name} is in ${dirOf(log)} now.`)
  }

  /** Gives up a move and removes what was copied. */
  drop(topicPartition: TopicPartition): void {
    const key = partitionKey(topicPartition)
    const move = this.#moves.get(key)
    if (!move) return
    this.#moves.delete(key)
    move.stop()
    this.#host.discard(move.log)
  }

  /** Stops all moves; the next start goes on with them. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const move of this.#moves.values()) move.stop()
    await Promise.allSettled(this.logs().map((log) => log.close()))
  }

  /** Drops everything without writing. */
  abandon(): void {
    this.#isClosed = true
    for (const move of this.#moves.values()) {
      move.stop()
      move.log.closeHandles()
    }
  }
}
