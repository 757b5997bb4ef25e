import { randomUuid } from '../../base/random-uuid.ts'
import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { Acl } from '../authorizer/acl.ts'
import type { AclFilter } from '../authorizer/acl-filter.ts'
import { type AclChanges, aclCreations, aclDeletions } from './acl-changes.ts'
import type { ConfigAlterations } from './config-changes.ts'
import { alterResourceConfigs, type ConfigPolicy } from './config-changes.ts'
import { ConfigResourceType, type MetadataImage, type PartitionImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import type { Outcome } from './outcome.ts'
import { alterClientQuotas, type QuotaAlteration, type QuotaAlterationResult } from './quota-changes.ts'
import { allCordoned, checkManualAssignment, placeReplicas } from './replica-placement.ts'
import { checkTopicName, collidingTopic } from './topic-names.ts'

/** Partitions one request may create (Kafka's MAX_PARTITIONS_PER_BATCH). */
const MAX_PARTITIONS_PER_REQUEST = 10_000
const PRODUCER_ID_BLOCK = 1000

export interface NewTopicSpec {
  name: string
  /** -1: the broker's num.partitions. */
  numPartitions: number
  /** -1: the broker's default.replication.factor. */
  replicationFactor: number
  /** Partition → brokers; empty when the two counts say it. */
  assignments: ReadonlyMap<number, readonly number[]>
  configs: ReadonlyMap<string, string | null>
}

export interface CreatedTopic {
  name: string
  id: string
  numPartitions: number
  replicationFactor: number
}

export interface ControllerOptions {
  image: MetadataImage
  nodeId: number
  /** Directory id for a new partition's `directories`: that of the only log dir; with several, zero until the log has its place. */
  directoryId: string
  policy: ConfigPolicy
  /** `isCordoned`: this broker takes no new partitions (cordoned.log.dirs). */
  defaults(): { numPartitions: number; replicationFactor: number; isCordoned?: boolean }
  /** Writes the records as one batch and applies them; resolves when they are on disk. */
  append(records: readonly MetadataRecordDraft[]): Promise<void>
}

/** Charges a client for partitions it creates or deletes, before they are (KIP-599); throws KafkaError when it may not. */
export type ChargeMutations = (partitions: number) => void

const uncharged: ChargeMutations = () => undefined

const done = <T>(value: T): Outcome<T> => ({ ok: true, value })

/** Runs `action`; a KafkaError becomes its outcome, anything else is thrown on. */
async function outcome<T>(action: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return done(await action())
  } catch (error) {
    if (error instanceof KafkaError) return { ok: false, error }
    throw error
  }
}

/**
 * The quorum's leader on a one-node cluster: checks a wanted change as Kafka's controller does, writes it as metadata records and
 * lets the image follow from them. Nothing here keeps state of its own.
 */
export class Controller {
  private readonly options: ControllerOptions
  /** The operation under way: each checks against what the one before it wrote. */
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: ControllerOptions) {
    this.options = options
  }

  /** Runs operations one after the other. */
  private inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.last.then(operation, operation)
    this.last = result.catch(() => undefined)
    return result
  }

  /** Runs `plan` in turn and writes its records; resolves with its value when they are applied. For changes that parts of their own plan. */
  write<T>(plan: () => { records: readonly MetadataRecordDraft[]; value: T }): Promise<T> {
    return this.inTurn(async () => {
      const { records, value } = plan()
      if (records.length > 0) await this.options.append(records)
      return value
    })
  }

  /** Runs an operation written elsewhere in turn with the others, so that it sees what the one before it wrote. */
  run<T>(operation: (options: ControllerOptions) => Promise<T>): Promise<T> {
    return this.inTurn(() => operation(this.options))
  }

  /** Creates one topic, or only checks that it could be created. Throws KafkaError. */
  createTopic(spec: NewTopicSpec, validateOnly = false, charge = uncharged): Promise<CreatedTopic> {
    return this.inTurn(() => this.createTopicNow(spec, validateOnly, charge))
  }

  private async createTopicNow(
    spec: NewTopicSpec,
    validateOnly: boolean,
    charge: ChargeMutations,
  ): Promise<CreatedTopic> {
    const { image } = this.options
    checkTopicName(spec.name)
    if (image.topics.has(spec.name)) {
      throw new KafkaError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${spec.name}' already exists.`)
    }
    const colliding = collidingTopic(spec.name, image.topics.keys())
    if (colliding !== undefined) {
      throw new KafkaError(
        ErrorCode.INVALID_TOPIC_EXCEPTION,
        `Topic '${spec.name}' collides with existing topic: ${colliding}`,
      )
    }
    const configs = this.options.policy.checkNewTopic(spec.configs)
    const replicas = this.placement(spec)
    charge(replicas.length)
    const topicId = randomUuid()
    if (!validateOnly) {
      await this.options.append([
        { type: 'TopicRecord', data: { name: spec.name, topicId } },
        ...[...configs].map(
          ([name, value]): MetadataRecordDraft => ({
            type: 'ConfigRecord',
            data: { resourceType: ConfigResourceType.TOPIC, resourceName: spec.name, name, value },
          }),
        ),
        ...replicas.map((brokers, partition) => this.partitionRecord(topicId, partition, brokers)),
      ])
    }
    return { name: spec.name, id: topicId, numPartitions: replicas.length, replicationFactor: replicas[0]?.length ?? 0 }
  }

  private placement(spec: NewTopicSpec): number[][] {
    const { image } = this.options
    if (spec.assignments.size > 0) {
      if (spec.replicationFactor !== -1) {
        throw new KafkaError(
          ErrorCode.INVALID_REQUEST,
          'A manual partition assignment was specified, but replication factor was not set to -1.',
        )
      }
      if (spec.numPartitions !== -1) {
        throw new KafkaError(
          ErrorCode.INVALID_REQUEST,
          'A manual partition assignment was specified, but numPartitions was not set to -1.',
        )
      }
      let factor: number | undefined
      return Array.from({ length: spec.assignments.size }, (_, partition) => {
        const replicas = spec.assignments.get(partition)
        if (!replicas) {
          throw new KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            'partitions should be a consecutive 0-based integer sequence',
          )
        }
        checkManualAssignment(image, replicas, factor)
        factor = replicas.length
        return [...replicas]
      })
    }
    const { numPartitions, replicationFactor, isCordoned = false } = this.options.defaults()
    if (spec.replicationFactor < -1 || spec.replicationFactor === 0) {
      throw new KafkaError(
        ErrorCode.INVALID_REPLICATION_FACTOR,
        'Replication factor must be larger than 0, or -1 to use the default value.',
      )
    }
    if (spec.numPartitions < -1 || spec.numPartitions === 0) {
      throw new KafkaError(
        ErrorCode.INVALID_PARTITIONS,
        'Number of partitions was set to an invalid non-positive value.',
      )
    }
    const count = spec.numPartitions === -1 ? numPartitions : spec.numPartitions
    checkPartitionCount(count)
    const factor = spec.replicationFactor === -1 ? replicationFactor : spec.replicationFactor
    if (isCordoned) throw allCordoned(`Unable to replicate the partition ${factor} time(s): `)
    return placeReplicas(image, 0, count, factor)
  }

  private partitionRecord(topicId: string, partition: number, replicas: readonly number[]): MetadataRecordDraft {
    const { nodeId, directoryId } = this.options
    const isr = replicas.filter((broker) => this.options.image.brokers.get(broker)?.fenced === false)
    return {
      type: 'PartitionRecord',
      data: {
        partitionId: partition,
        topicId,
        replicas: [...replicas],
        isr,
        leader: isr[0] ?? -1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: replicas.map((broker) => (broker === nodeId ? directoryId : ZERO_UUID)),
      },
    }
  }

  /** Removes a topic; its logs are deleted as the record is applied. */
  deleteTopic(topicId: string, charge = uncharged): Promise<void> {
    return this.inTurn(async () => {
      const topic = this.options.image.topicsById.get(topicId)
      if (!topic) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)
      charge(topic.partitions.length)
      await this.options.append([{ type: 'RemoveTopicRecord', data: { topicId } }])
    })
  }

  /** Adds partitions up to `count`. Throws KafkaError. */
  createPartitions(
    name: string,
    count: number,
    assignments: readonly (readonly number[])[] | null,
    validateOnly = false,
    charge = uncharged,
  ): Promise<void> {
    return this.inTurn(() => this.createPartitionsNow(name, count, assignments, validateOnly, charge))
  }

  private async createPartitionsNow(
    name: string,
    count: number,
    assignments: readonly (readonly number[])[] | null,
    validateOnly: boolean,
    charge: ChargeMutations,
  ): Promise<void> {
    const { image } = this.options
    const topic = image.topics.get(name)
    if (!topic) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const current = topic.partitions.length
    if (count === current) {
      throw new KafkaError(ErrorCode.INVALID_PARTITIONS, `Topic already has ${current} partition(s).`)
    }
    if (count < current) {
      throw new KafkaError(
        ErrorCode.INVALID_PARTITIONS,
        `The topic ${name} currently has ${current} partition(s); ${count} would not be an increase.`,
      )
    }
    const additional = count - current
    checkPartitionCount(additional)
    if (assignments && assignments.length !== additional) {
      throw new KafkaError(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
      )
    }
    charge(additional)
    const factor = topic.partitions[0]?.replicas.length ?? 1
    for (const replicas of assignments ?? []) checkManualAssignment(image, replicas, factor)
    if (!assignments && this.options.defaults().isCordoned) throw allCordoned()
    const replicas = assignments ?? placeReplicas(image, current, additional, factor)
    if (validateOnly) return
    await this.options.append(replicas.map((brokers, i) => this.partitionRecord(topic.id, current + i, brokers)))
  }

  /** Changes configs of several resources; each stands for itself. */
  async alterConfigs(changes: readonly ConfigAlterations[], validateOnly = false): Promise<Outcome<void>[]> {
    const { image, nodeId, policy } = this.options
    const out: Outcome<void>[] = []
    for (const change of changes) {
      const alter = async (): Promise<void> => {
        const records = alterResourceConfigs(image, nodeId, policy, change)
        if (!validateOnly && records.length > 0) await this.options.append(records)
      }
      out.push(await outcome(() => this.inTurn(alter)))
    }
    return out
  }

  /** Changes client quotas; each entity stands for itself. */
  alterClientQuotas(alterations: readonly QuotaAlteration[], validateOnly = false): Promise<QuotaAlterationResult[]> {
    return this.inTurn(async () => {
      const { records, results } = await alterClientQuotas(this.options.image.quotas, alterations)
      if (!validateOnly && records.length > 0) await this.options.append(records)
      return results
    })
  }

  /** Creates ACLs, those that can be, in one batch. Throws KafkaError when there are too many. */
  createAcls(acls: readonly Acl[]): Promise<Outcome<void>[]> {
    return this.changeAcls(() => aclCreations(this.options.image.acls, acls))
  }

  /** Removes the ACLs that filters mean, in one batch, and returns them filter by filter. Throws KafkaError when there are too many. */
  deleteAcls(filters: readonly AclFilter[]): Promise<Outcome<readonly Acl[]>[]> {
    return this.changeAcls(() => aclDeletions(this.options.image.acls, filters))
  }

  private changeAcls<T>(plan: () => AclChanges<T>): Promise<Outcome<T>[]> {
    return this.inTurn(async () => {
      const { records, outcomes } = plan()
      if (records.length > 0) await this.options.append(records)
      return outcomes
    })
  }

  /** Reserves a block of producer ids and returns its first and its length. */
  allocateProducerIds(): Promise<{ first: number; count: number }> {
    return this.inTurn(() => this.allocateProducerIdsNow())
  }

  private async allocateProducerIdsNow(): Promise<{ first: number; count: number }> {
    const { image, nodeId } = this.options
    const first = image.nextProducerId
    const brokerEpoch = image.brokers.get(nodeId)?.registration.brokerEpoch ?? -1n
    await this.options.append([
      {
        type: 'ProducerIdsRecord',
        data: { brokerId: nodeId, brokerEpoch, nextProducerId: BigInt(first + PRODUCER_ID_BLOCK) },
      },
    ])
    return { first, count: PRODUCER_ID_BLOCK }
  }

  /**
   * Makes this node leader of the partitions it can lead. `newEpochs` raises every leader epoch, which tells clients that what
   * was written last before a crash may be gone.
   */
  async takeLeadership(newEpochs: boolean): Promise<void> {
    const { image, nodeId, directoryId } = this.options
    const records: MetadataRecordDraft[] = []
    const leads = (p: PartitionImage): boolean => p.leader === nodeId && p.isr.includes(nodeId)
    for (const topic of image.topics.values()) {
      for (const p of topic.partitions) {
        // Whoever is in sync needs no stand-in: a leader's first act is to clear the eligible leader replicas (KIP-966).
        const hasElr = p.elr.length > 0 || p.lastKnownElr.length > 0
        if (!p.replicas.includes(nodeId) || (leads(p) && !newEpochs && !hasElr)) continue
        const electable = p.isr.includes(nodeId) || p.elr.includes(nodeId) || p.lastKnownElr.includes(nodeId)
        if (!electable) continue
        const directories = p.directories.map((id, i) =>
          p.replicas[i] === nodeId && directoryId !== ZERO_UUID ? directoryId : id,
        )
        const cleared = hasElr ? { eligibleLeaderReplicas: [], lastKnownElr: [] } : {}
        const data = {
          partitionId: p.partition,
          topicId: topic.id,
          leader: nodeId,
          isr: [nodeId],
          directories,
          ...cleared,
        }
        records.push({ type: 'PartitionChangeRecord', data })
      }
    }
    for (let i = 0; i < records.length; i += 1000) await this.options.append(records.slice(i, i + 1000))
  }
}

function checkPartitionCount(count: number): void {
  if (count > MAX_PARTITIONS_PER_REQUEST) {
    throw new KafkaError(ErrorCode.POLICY_VIOLATION, 'Excessively large number of partitions per request.')
  }
}
