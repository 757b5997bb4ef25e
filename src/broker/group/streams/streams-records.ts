import { decode, decodeVersioned } from '../../../protocol/codec.ts'
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
} from '../../../protocol/generated/data/streams-group-current-member-assignment.ts'
import {
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue,
} from '../../../protocol/generated/data/streams-group-member-metadata.ts'
import {
  StreamsGroupMetadataKey,
  StreamsGroupMetadataValue,
} from '../../../protocol/generated/data/streams-group-metadata.ts'
import {
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
} from '../../../protocol/generated/data/streams-group-target-assignment-member.ts'
import {
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
} from '../../../protocol/generated/data/streams-group-target-assignment-metadata.ts'
import {
  StreamsGroupTopologyKey,
  StreamsGroupTopologyValue,
} from '../../../protocol/generated/data/streams-group-topology.ts'
import { encoded } from '../consumer/consumer-records.ts'
import {
  type StreamsCurrentAssignment,
  type StreamsMember,
  streamsAssignmentValue,
  streamsMetadataValue,
} from './streams-member.ts'
import { listTasks, type Tasks } from './tasks.ts'

interface RecordOf<Type extends string, Value> {
  readonly kind: 'streams-group'
  readonly type: Type
  readonly groupId: string
  /** null is a tombstone. */
  readonly value: Value | null
}

interface MemberRecordOf<Type extends string, Value> extends RecordOf<Type, Value> {
  readonly memberId: string
}

/** The records of streams groups in __consumer_offsets, types 17 and 19 to 23. */
export type StreamsGroupRecord =
  | RecordOf<'group', StreamsGroupMetadataValue>
  | RecordOf<'topology', StreamsGroupTopologyValue>
  | MemberRecordOf<'member', StreamsGroupMemberMetadataValue>
  | RecordOf<'target', StreamsGroupTargetAssignmentMetadataValue>
  | MemberRecordOf<'member-target', StreamsGroupTargetAssignmentMemberValue>
  | MemberRecordOf<'current', StreamsGroupCurrentMemberAssignmentValue>

const kind = 'streams-group'

/** What a group's record says of the group itself. */
export interface GroupEpoch {
  readonly epoch: number
  readonly metadataHash: bigint
  /** Epoch of the topology whose topics are all there; -1 when some aren't. */
  readonly validatedTopologyEpoch: number
  /** The configs that the targets of this epoch are computed with. */
  readonly assignmentConfigs: ReadonlyMap<string, string>
}

/** Makes the records of one group. */
export class StreamsRecordMaker {
  readonly #groupId: string

  constructor(groupId: string) {
    this.#groupId = groupId
  }

  epoch({ epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs }: GroupEpoch): StreamsGroupRecord {
    const lastAssignmentConfigs = [...assignmentConfigs].map(([key, value]) => ({ key, value }))
    const value = { epoch, metadataHash, validatedTopologyEpoch, lastAssignmentConfigs }
    return { kind, type: 'group', groupId: this.#groupId, value }
  }

  epochTombstone(): StreamsGroupRecord {
    return { kind, type: 'group', groupId: this.#groupId, value: null }
  }

  topology(value: StreamsGroupTopologyValue): StreamsGroupRecord {
    return { kind, type: 'topology', groupId: this.#groupId, value }
  }

  topologyTombstone(): StreamsGroupRecord {
    return { kind, type: 'topology', groupId: this.#groupId, value: null }
  }

  member(member: StreamsMember): StreamsGroupRecord {
    const { memberId } = member
    return { kind, type: 'member', groupId: this.#groupId, memberId, value: streamsMetadataValue(member) }
  }

  memberTombstone(memberId: string): StreamsGroupRecord {
    return { kind, type: 'member', groupId: this.#groupId, memberId, value: null }
  }

  target(assignmentEpoch: number, timestampMs: number): StreamsGroupRecord {
    const value = { assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) }
    return { kind, type: 'target', groupId: this.#groupId, value }
  }

  targetTombstone(): StreamsGroupRecord {
    return { kind, type: 'target', groupId: this.#groupId, value: null }
  }

  memberTarget(memberId: string, { active, standby, warmup }: Tasks): StreamsGroupRecord {
    const value = {
      activeTasks: listTasks(active),
      standbyTasks: listTasks(standby),
      warmupTasks: listTasks(warmup),
    }
    return { kind, type: 'member-target', groupId: this.#groupId, memberId, value }
  }

  memberTargetTombstone(memberId: string): StreamsGroupRecord {
    return { kind, type: 'member-target', groupId: this.#groupId, memberId, value: null }
  }

  current(memberId: string, assignment: StreamsCurrentAssignment): StreamsGroupRecord {
    const value = streamsAssignmentValue(assignment)
    return { kind, type: 'current', groupId: this.#groupId, memberId, value }
  }

  currentTombstone(memberId: string): StreamsGroupRecord {
    return { kind, type: 'current', groupId: this.#groupId, memberId, value: null }
  }

  /** The tombstones of a member. */
  removal(memberId: string): StreamsGroupRecord[] {
    return [this.currentTombstone(memberId), this.memberTargetTombstone(memberId), this.memberTombstone(memberId)]
  }
}

/** @returns the bytes of a record as Kafka 4.3 writes them, the key without its type */
export function encodeStreamsGroupRecord(record: StreamsGroupRecord): {
  type: number
  key: Buffer
  value: Buffer | null
} {
  const { groupId } = record
  switch (record.type) {
    case 'group':
      return encoded(StreamsGroupMetadataKey, { groupId }, StreamsGroupMetadataValue, record.value)
    case 'topology':
      return encoded(StreamsGroupTopologyKey, { groupId }, StreamsGroupTopologyValue, record.value)
    case 'member': {
      const key = { groupId, memberId: record.memberId }
      return encoded(StreamsGroupMemberMetadataKey, key, StreamsGroupMemberMetadataValue, record.value)
    }
    case 'target': {
      const codec = StreamsGroupTargetAssignmentMetadataValue
      return encoded(StreamsGroupTargetAssignmentMetadataKey, { groupId }, codec, record.value)
    }
    case 'member-target': {
      const key = { groupId, memberId: record.memberId }
      const codec = StreamsGroupTargetAssignmentMemberValue
      return encoded(StreamsGroupTargetAssignmentMemberKey, key, codec, record.value)
    }
    case 'current': {
      const key = { groupId, memberId: record.memberId }
      const codec = StreamsGroupCurrentMemberAssignmentValue
      return encoded(StreamsGroupCurrentMemberAssignmentKey, key, codec, record.value)
    }
  }
}

/**
 * Decodes a record of a streams group.
 *
 * @param type the record type that the key starts with
 * @param key what follows it
 * @returns undefined for any other type
 * @throws MalformedMessageError
 */
export function decodeStreamsGroupRecord(
  type: number,
  key: Buffer,
  value: Buffer | null,
): StreamsGroupRecord | undefined {
  switch (type) {
    case StreamsGroupMetadataKey.apiKey: {
      const { groupId } = decode(StreamsGroupMetadataKey, key, 0)
      return { kind, type: 'group', groupId, value: decodeVersioned(StreamsGroupMetadataValue, value) }
    }
    case StreamsGroupTopologyKey.apiKey: {
      const { groupId } = decode(StreamsGroupTopologyKey, key, 0)
      return { kind, type: 'topology', groupId, value: decodeVersioned(StreamsGroupTopologyValue, value) }
    }
    case StreamsGroupMemberMetadataKey.apiKey: {
      const { groupId, memberId } = decode(StreamsGroupMemberMetadataKey, key, 0)
      return { kind, type: 'member', groupId, memberId, value: decodeVersioned(StreamsGroupMemberMetadataValue, value) }
    }
    case StreamsGroupTargetAssignmentMetadataKey.apiKey: {
      const { groupId } = decode(StreamsGroupTargetAssignmentMetadataKey, key, 0)
      return { kind, type: 'target', groupId, value: decodeVersioned(StreamsGroupTargetAssignmentMetadataValue, value) }
    }
    case StreamsGroupTargetAssignmentMemberKey.apiKey: {
      const { groupId, memberId } = decode(StreamsGroupTargetAssignmentMemberKey, key, 0)
      const target = decodeVersioned(StreamsGroupTargetAssignmentMemberValue, value)
      return { kind, type: 'member-target', groupId, memberId, value: target }
    }
    case StreamsGroupCurrentMemberAssignmentKey.apiKey: {
      const { groupId, memberId } = decode(StreamsGroupCurrentMemberAssignmentKey, key, 0)
      const current = decodeVersioned(StreamsGroupCurrentMemberAssignmentValue, value)
      return { kind, type: 'current', groupId, memberId, value: current }
    }
    default:
      return undefined
  }
}
