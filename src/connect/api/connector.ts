import type { TopicPartition } from '../../client/types.ts'
import type { Props } from './config.ts'
import type { OffsetMap, SinkRecord, SourceRecord } from './record.ts'

/** The worker's log; lines carry the connector's or task's name. */
export interface PluginLog {
  error(message: string): void
  warn(message: string): void
  info(message: string): void
  debug(message: string): void
}

/** What a connector may ask of its worker. */
export interface ConnectorContext {
  readonly log: PluginLog
  /** Asks for new task configs, since there is more or less to do than before. */
  requestTaskReconfiguration(): void
  /** Fails the connector. */
  raiseError(error: Error): void
}

export interface SourceConnectorContext extends ConnectorContext {
  readonly offsets: OffsetReader
}

/** Splits the work into tasks; moves no data itself. Functions may answer at once or later. */
export interface Connector<C extends ConnectorContext = ConnectorContext> {
  start(props: Props, context: C): void | Promise<void>
  /** @returns one set of configs for each task, `maxTasks` at most */
  taskConfigs(maxTasks: number): Props[] | Promise<Props[]>
  stop(): void | Promise<void>
  /** More checks than the definitions can say: error texts by config name. */
  validate?(props: Props): Promise<ReadonlyMap<string, readonly string[]>>
}

export interface SourceConnector extends Connector<SourceConnectorContext> {
  /** KIP-618. Null or no such function: not known. */
  exactlyOnceSupport?(props: Props): 'SUPPORTED' | 'UNSUPPORTED' | null
  /** KIP-875. @returns true if the connector takes these offsets @throws for offsets it can't take */
  alterOffsets?(props: Props, offsets: readonly (readonly [OffsetMap, OffsetMap | null])[]): boolean | Promise<boolean>
}

export interface SinkConnector extends Connector {
  alterOffsets?(
    props: Props,
    offsets: readonly (readonly [TopicPartition, number | null])[],
  ): boolean | Promise<boolean>
}

/** Reads the offsets a source stored earlier. */
export interface OffsetReader {
  /** @returns null where nothing is stored */
  offset(partition: OffsetMap): Promise<OffsetMap | null>
}

export interface SourceTaskContext {
  readonly log: PluginLog
  readonly offsets: OffsetReader
  readonly props: Props
}

export interface SourceTask {
  start(props: Props, context: SourceTaskContext): void | Promise<void>
  /**
   * @param signal aborted when the task is to stop or pause: return soon then
   * @returns the next records; null when there are none at the moment (after having waited a while)
   */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null>
  /** Offsets of all records acknowledged so far are about to be stored. */
  commit?(): void | Promise<void>
  /** A record was acknowledged; `metadata` is null for one that a transformation dropped or errors.tolerance skipped. */
  commitRecord?(record: SourceRecord, metadata: { topic: string; partition: number; offset: number } | null): void
  stop(): void | Promise<void>
}

export interface SinkTaskContext {
  readonly log: PluginLog
  readonly props: Props
  assignment(): readonly TopicPartition[]
  /** Reads on from other offsets: takes effect after the current `put`. */
  offset(partition: TopicPartition, offset: number): void
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  requestCommit(): void
  /** How long to wait after a RetriableError. */
  timeout(timeoutMs: number): void
  /** Sends a record to the dead letters (KIP-610); null where there is no such queue. */
  readonly reporter: ((record: SinkRecord, error: Error) => Promise<void>) | null
}

/** Offsets by topicPartitionKey: the next record to read. */
export type SinkOffsets = ReadonlyMap<string, number>

export interface SinkTask {
  start(props: Props, context: SinkTaskContext): void | Promise<void>
  open?(partitions: readonly TopicPartition[]): void | Promise<void>
  close?(partitions: readonly TopicPartition[]): void | Promise<void>
  /** @throws RetriableError to be given the same records again */
  put(records: readonly SinkRecord[]): void | Promise<void>
  flush?(offsets: SinkOffsets): void | Promise<void>
  /** @returns what may be committed; by default all, after `flush` */
  preCommit?(offsets: SinkOffsets): SinkOffsets | Promise<SinkOffsets>
  stop(): void | Promise<void>
}
