/**
 * Moving partitions to other brokers (KIP-455): which replicas a partition has while it moves, when a move is done, how it is
 * given up. All of it is pure: the image goes in, records come out.
 */
import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { MetadataImage, PartitionImage, TopicImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { checkManualAssignment } from './replica-placement.ts'

/** What a reassignment needs to know beside the image. */
export interface ReassignmentContext {
  image: MetadataImage
  nodeId: number
  /** Directory id new replicas of this node get. */
  directoryId: string
  /** Whether a topic allows a leader from outside the ISR (unclean.leader.election.enable). */
  allowsUncleanElection(topic: string): boolean
}

export const isReassigning = (p: PartitionImage): boolean =>
  p.addingReplicas.length > 0 || p.removingReplicas.length > 0

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i])
const without = (from: readonly number[], these: readonly number[]): number[] =>
  from.filter((value) => !these.includes(value))

interface Target {
  replicas: number[]
  isr: number[]
  adding: number[]
  removing: number[]
  /** The ISR holds a replica that may lack records. */
  unclean: boolean
}

/** Throws UNKNOWN_TOPIC_OR_PARTITION. */
function partitionOf(
  image: MetadataImage,
  name: string,
  index: number,
): { topic: TopicImage; partition: PartitionImage } {
  const topic = image.topics.get(name)
  if (!topic) throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${name}.`)
  const partition = topic.partitions[index]
  if (!partition)
    throw new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find partition ${name}:${index}.`)
  return { topic, partition }
}

/**
 * The record by which a partition starts to move to `replicas`, or by which its move is given up (null). Undefined when nothing
 * changes.
 *
 * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, NO_REASSIGNMENT_IN_PROGRESS
 */
export function reassign(
  context: ReassignmentContext,
  name: string,
  index: number,
  replicas: readonly number[] | null,
  allowFactorChange: boolean,
): MetadataRecordDraft | undefined {
  const { topic, partition } = partitionOf(context.image, name, index)
  const target =
    replicas === null ? reverted(context, name, partition) : moved(context, partition, replicas, allowFactorChange)
  return changeRecord(context, topic.id, partition, target)
}

function moved(
  { image }: ReassignmentContext,
  p: PartitionImage,
  wanted: readonly number[],
  allowFactorChange: boolean,
): Target {
  checkManualAssignment(image, wanted, undefined)
  if (!allowFactorChange) {
    const factor = without(p.replicas, p.addingReplicas).length
    if (wanted.length !== factor) {
      throw new KafkaError(
        ErrorCode.INVALID_REPLICATION_FACTOR,
        `The replication factor is changed from ${factor} to ${wanted.length}`,
      )
    }
  }
  const removing = sorted(without(p.replicas, wanted))
  const adding = sorted(without(wanted, p.replicas))
  const target = { replicas: [...wanted, ...removing], isr: [...p.isr], adding, removing, unclean: false }
  // Done at once when everyone who stays is in sync already.
  const isr = without(target.isr, removing)
  const isDone = isr.length > 0 && adding.every((broker) => isr.includes(broker))
  return isDone ? { ...target, replicas: [...wanted], isr, adding: [], removing: [] } : target
}

function reverted(context: ReassignmentContext, name: string, p: PartitionImage): Target {
  if (!isReassigning(p)) throw new KafkaError(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
  const replicas = without(p.replicas, p.addingReplicas)
  const isr = without(p.isr, p.addingReplicas)
  const unclean = isr.length === 0
  if (unclean && !context.allowsUncleanElection(name)) {
    throw new KafkaError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Unable to revert partition assignment for ${name}:${p.partition} because it would require an unclean leader election.`,
    )
  }
  return { replicas, isr: unclean ? replicas.slice(0, 1) : isr, adding: [], removing: [], unclean }
}

function changeRecord(
  { image, nodeId, directoryId }: ReassignmentContext,
  topicId: string,
  p: PartitionImage,
  target: Target,
): MetadataRecordDraft | undefined {
  const isActive = (broker: number): boolean => image.brokers.get(broker)?.fenced === false
  const canLead = (broker: number): boolean => target.isr.includes(broker) && isActive(broker)
  const leader = canLead(p.leader) ? p.leader : (target.replicas.find(canLead) ?? -1)
  const data: Extract<MetadataRecordDraft, { type: 'PartitionChangeRecord' }>['data'] = {
    topicId,
    partitionId: p.partition,
  }
  let changes = false
  if (leader !== p.leader) data.leader = leader
  if (!equal(target.isr, p.isr)) data.isr = target.isr
  if (!equal(target.removing, p.removingReplicas)) data.removingReplicas = target.removing
  if (!equal(target.adding, p.addingReplicas)) data.addingReplicas = target.adding
  if (!equal(target.replicas, p.replicas)) {
    data.replicas = target.replicas
    data.directories = target.replicas.map((broker) => {
      const at = p.replicas.indexOf(broker)
      return at >= 0 ? (p.directories[at] ?? ZERO_UUID) : broker === nodeId ? directoryId : ZERO_UUID
    })
    // A replica that goes away must not think that it still leads.
    if (data.leader === undefined && without(p.replicas, target.replicas).length > 0) data.leader = p.leader
  }
  changes = Object.keys(data).length > 2
  return changes ? { type: 'PartitionChangeRecord', data } : undefined
}
