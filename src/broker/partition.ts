import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { LogError } from '../storage/errors.ts'
import type { Log } from '../storage/log.ts'
import type { PartitionImage } from './controller/metadata-image.ts'
import type { ProduceRules } from './record-validation.ts'

/** Upper bound of a read: what a consumer of that isolation may see. */
export type Isolation = 'read_uncommitted' | 'read_committed'

const NO_EPOCH = -1

/** A partition this broker has the log of. */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  /** Another one after a move to another log directory. */
  log: Log
  /** Key under which requests wait for this partition. */
  readonly key: string
  private readonly image: PartitionImage
  private readonly nodeId: number
  private rules: { of: unknown; value: ProduceRules } | undefined

  constructor(topic: string, topicId: string, image: PartitionImage, log: Log, nodeId: number) {
    this.topic = topic
    this.topicId = topicId
    this.index = image.partition
    this.image = image
    this.log = log
    this.key = `${topic}-${image.partition}`
    this.nodeId = nodeId
    // A leader's epoch begins with it, not with its first record.
    if (image.leader === nodeId) log.epochs.assign(image.leaderEpoch, log.logEndOffset)
  }

  get leaderEpoch(): number {
    return this.image.leaderEpoch
  }

  /**
   * A broker that copies the partition must be one of its replicas: whoever only says so would be a consumer without quota.
   *
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER
   */
  checkFollower(brokerId: number): void {
    if (brokerId === this.nodeId || !this.image.replicas.includes(brokerId)) {
      throw new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    }
  }

  get isrSize(): number {
    return this.image.isr.length
  }

  /** Throws NOT_LEADER_OR_FOLLOWER unless this broker leads. */
  checkLeader(): void {
    if (this.image.leader !== this.nodeId) throw new KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  /** Throws FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when a client's metadata is older or newer; -1 is not checked. */
  checkEpoch(clientEpoch: number): void {
    if (clientEpoch === NO_EPOCH || clientEpoch === this.leaderEpoch) return
    throw new KafkaError(
      clientEpoch < this.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH,
    )
  }

  /** First offset that a reader of this isolation may not see. */
  readableEnd(isolation: Isolation): number {
    return isolation === 'read_committed' ? this.log.lastStableOffset : this.log.highWatermark
  }

  /** The produce rules, made anew by `make` when the topic's configs (`of`) are not those of the last call. */
  produceRules(of: unknown, make: () => ProduceRules): ProduceRules {
    if (!this.rules || this.rules.of !== of) this.rules = { of, value: make() }
    return this.rules.value
  }
}

/** Kafka's error for what the storage engine throws; anything else is returned as it is. */
export function asKafkaError(error: unknown): unknown {
  if (!(error instanceof LogError)) return error
  const code = (ErrorCode as Record<string, number>)[error.kafkaError] ?? ErrorCode.UNKNOWN_SERVER_ERROR
  return new KafkaError(code, error.message)
}
