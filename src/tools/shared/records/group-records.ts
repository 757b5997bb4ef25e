import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
} from '../../../protocol/generated/data/consumer-group-current-member-assignment.ts'
import {
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
} from '../../../protocol/generated/data/consumer-group-member-metadata.ts'
import {
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
} from '../../../protocol/generated/data/consumer-group-metadata.ts'
import {
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
} from '../../../protocol/generated/data/consumer-group-partition-metadata.ts'
import {
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
} from '../../../protocol/generated/data/consumer-group-regular-expression.ts'
import {
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
} from '../../../protocol/generated/data/consumer-group-target-assignment-member.ts'
import {
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from '../../../protocol/generated/data/consumer-group-target-assignment-metadata.ts'
import { GroupMetadataKey, GroupMetadataValue } from '../../../protocol/generated/data/group-metadata.ts'
import {
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
} from '../../../protocol/generated/data/legacy-offset-commit.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../../protocol/generated/data/offset-commit.ts'
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
} from '../../../protocol/generated/data/share-group-current-member-assignment.ts'
import {
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
} from '../../../protocol/generated/data/share-group-member-metadata.ts'
import {
  ShareGroupMetadataKey,
  ShareGroupMetadataValue,
} from '../../../protocol/generated/data/share-group-metadata.ts'
import {
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
} from '../../../protocol/generated/data/share-group-state-partition-metadata.ts'
import {
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
} from '../../../protocol/generated/data/share-group-target-assignment-member.ts'
import {
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from '../../../protocol/generated/data/share-group-target-assignment-metadata.ts'
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
import consumerGroupCurrentMemberAssignmentKey from '../../../protocol/schema/ConsumerGroupCurrentMemberAssignmentKey.json' with {
  type: 'json',
}
import consumerGroupCurrentMemberAssignmentValue from '../../../protocol/schema/ConsumerGroupCurrentMemberAssignmentValue.json' with {
  type: 'json',
}
import consumerGroupMemberMetadataKey from '../../../protocol/schema/ConsumerGroupMemberMetadataKey.json' with {
  type: 'json',
}
import consumerGroupMemberMetadataValue from '../../../protocol/schema/ConsumerGroupMemberMetadataValue.json' with {
  type: 'json',
}
import consumerGroupMetadataKey from '../../../protocol/schema/ConsumerGroupMetadataKey.json' with { type: 'json' }
import consumerGroupMetadataValue from '../../../protocol/schema/ConsumerGroupMetadataValue.json' with { type: 'json' }
import consumerGroupPartitionMetadataKey from '../../../protocol/schema/ConsumerGroupPartitionMetadataKey.json' with {
  type: 'json',
}
import consumerGroupPartitionMetadataValue from '../../../protocol/schema/ConsumerGroupPartitionMetadataValue.json' with {
  type: 'json',
}
import consumerGroupRegularExpressionKey from '../../../protocol/schema/ConsumerGroupRegularExpressionKey.json' with {
  type: 'json',
}
import consumerGroupRegularExpressionValue from '../../../protocol/schema/ConsumerGroupRegularExpressionValue.json' with {
  type: 'json',
}
import consumerGroupTargetAssignmentMemberKey from '../../../protocol/schema/ConsumerGroupTargetAssignmentMemberKey.json' with {
  type: 'json',
}
import consumerGroupTargetAssignmentMemberValue from '../../../protocol/schema/ConsumerGroupTargetAssignmentMemberValue.json' with {
  type: 'json',
}
import consumerGroupTargetAssignmentMetadataKey from '../../../protocol/schema/ConsumerGroupTargetAssignmentMetadataKey.json' with {
  type: 'json',
}
import consumerGroupTargetAssignmentMetadataValue from '../../../protocol/schema/ConsumerGroupTargetAssignmentMetadataValue.json' with {
  type: 'json',
}
import groupMetadataKey from '../../../protocol/schema/GroupMetadataKey.json' with { type: 'json' }
import groupMetadataValue from '../../../protocol/schema/GroupMetadataValue.json' with { type: 'json' }
import legacyOffsetCommitKey from '../../../protocol/schema/LegacyOffsetCommitKey.json' with { type: 'json' }
import legacyOffsetCommitValue from '../../../protocol/schema/LegacyOffsetCommitValue.json' with { type: 'json' }
import offsetCommitKey from '../../../protocol/schema/OffsetCommitKey.json' with { type: 'json' }
import offsetCommitValue from '../../../protocol/schema/OffsetCommitValue.json' with { type: 'json' }
import shareGroupCurrentMemberAssignmentKey from '../../../protocol/schema/ShareGroupCurrentMemberAssignmentKey.json' with {
  type: 'json',
}
import shareGroupCurrentMemberAssignmentValue from '../../../protocol/schema/ShareGroupCurrentMemberAssignmentValue.json' with {
  type: 'json',
}
import shareGroupMemberMetadataKey from '../../../protocol/schema/ShareGroupMemberMetadataKey.json' with {
  type: 'json',
}
import shareGroupMemberMetadataValue from '../../../protocol/schema/ShareGroupMemberMetadataValue.json' with {
  type: 'json',
}
import shareGroupMetadataKey from '../../../protocol/schema/ShareGroupMetadataKey.json' with { type: 'json' }
import shareGroupMetadataValue from '../../../protocol/schema/ShareGroupMetadataValue.json' with { type: 'json' }
import shareGroupStatePartitionMetadataKey from '../../../protocol/schema/ShareGroupStatePartitionMetadataKey.json' with {
  type: 'json',
}
import shareGroupStatePartitionMetadataValue from '../../../protocol/schema/ShareGroupStatePartitionMetadataValue.json' with {
  type: 'json',
}
import shareGroupTargetAssignmentMemberKey from '../../../protocol/schema/ShareGroupTargetAssignmentMemberKey.json' with {
  type: 'json',
}
import shareGroupTargetAssignmentMemberValue from '../../../protocol/schema/ShareGroupTargetAssignmentMemberValue.json' with {
  type: 'json',
}
import shareGroupTargetAssignmentMetadataKey from '../../../protocol/schema/ShareGroupTargetAssignmentMetadataKey.json' with {
  type: 'json',
}
import shareGroupTargetAssignmentMetadataValue from '../../../protocol/schema/ShareGroupTargetAssignmentMetadataValue.json' with {
  type: 'json',
}
import streamsGroupCurrentMemberAssignmentKey from '../../../protocol/schema/StreamsGroupCurrentMemberAssignmentKey.json' with {
  type: 'json',
}
import streamsGroupCurrentMemberAssignmentValue from '../../../protocol/schema/StreamsGroupCurrentMemberAssignmentValue.json' with {
  type: 'json',
}
import streamsGroupMemberMetadataKey from '../../../protocol/schema/StreamsGroupMemberMetadataKey.json' with {
  type: 'json',
}
import streamsGroupMemberMetadataValue from '../../../protocol/schema/StreamsGroupMemberMetadataValue.json' with {
  type: 'json',
}
import streamsGroupMetadataKey from '../../../protocol/schema/StreamsGroupMetadataKey.json' with { type: 'json' }
import streamsGroupMetadataValue from '../../../protocol/schema/StreamsGroupMetadataValue.json' with { type: 'json' }
import streamsGroupTargetAssignmentMemberKey from '../../../protocol/schema/StreamsGroupTargetAssignmentMemberKey.json' with {
  type: 'json',
}
import streamsGroupTargetAssignmentMemberValue from '../../../protocol/schema/StreamsGroupTargetAssignmentMemberValue.json' with {
  type: 'json',
}
import streamsGroupTargetAssignmentMetadataKey from '../../../protocol/schema/StreamsGroupTargetAssignmentMetadataKey.json' with {
  type: 'json',
}
import streamsGroupTargetAssignmentMetadataValue from '../../../protocol/schema/StreamsGroupTargetAssignmentMetadataValue.json' with {
  type: 'json',
}
import streamsGroupTopologyKey from '../../../protocol/schema/StreamsGroupTopologyKey.json' with { type: 'json' }
import streamsGroupTopologyValue from '../../../protocol/schema/StreamsGroupTopologyValue.json' with { type: 'json' }
import { type RecordType, recordType } from './record-type.ts'

/** What stands in __consumer_offsets. */
export const types: readonly RecordType[] = [
  recordType(
    ConsumerGroupCurrentMemberAssignmentKey,
    consumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue,
    consumerGroupCurrentMemberAssignmentValue,
  ),
  recordType(
    ConsumerGroupMemberMetadataKey,
    consumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
    consumerGroupMemberMetadataValue,
  ),
  recordType(
    ConsumerGroupMetadataKey,
    consumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
    consumerGroupMetadataValue,
  ),
  recordType(
    ConsumerGroupPartitionMetadataKey,
    consumerGroupPartitionMetadataKey,
    ConsumerGroupPartitionMetadataValue,
    consumerGroupPartitionMetadataValue,
  ),
  recordType(
    ConsumerGroupRegularExpressionKey,
    consumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
    consumerGroupRegularExpressionValue,
  ),
  recordType(
    ConsumerGroupTargetAssignmentMemberKey,
    consumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    consumerGroupTargetAssignmentMemberValue,
  ),
  recordType(
    ConsumerGroupTargetAssignmentMetadataKey,
    consumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue,
    consumerGroupTargetAssignmentMetadataValue,
  ),
  recordType(GroupMetadataKey, groupMetadataKey, GroupMetadataValue, groupMetadataValue),
  recordType(LegacyOffsetCommitKey, legacyOffsetCommitKey, LegacyOffsetCommitValue, legacyOffsetCommitValue),
  recordType(OffsetCommitKey, offsetCommitKey, OffsetCommitValue, offsetCommitValue),
  recordType(
    ShareGroupCurrentMemberAssignmentKey,
    shareGroupCurrentMemberAssignmentKey,
    ShareGroupCurrentMemberAssignmentValue,
    shareGroupCurrentMemberAssignmentValue,
  ),
  recordType(
    ShareGroupMemberMetadataKey,
    shareGroupMemberMetadataKey,
    ShareGroupMemberMetadataValue,
    shareGroupMemberMetadataValue,
  ),
  recordType(ShareGroupMetadataKey, shareGroupMetadataKey, ShareGroupMetadataValue, shareGroupMetadataValue),
  recordType(
    ShareGroupStatePartitionMetadataKey,
    shareGroupStatePartitionMetadataKey,
    ShareGroupStatePartitionMetadataValue,
    shareGroupStatePartitionMetadataValue,
  ),
  recordType(
    ShareGroupTargetAssignmentMemberKey,
    shareGroupTargetAssignmentMemberKey,
    ShareGroupTargetAssignmentMemberValue,
    shareGroupTargetAssignmentMemberValue,
  ),
  recordType(
    ShareGroupTargetAssignmentMetadataKey,
    shareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMetadataValue,
    shareGroupTargetAssignmentMetadataValue,
  ),
  recordType(
    StreamsGroupCurrentMemberAssignmentKey,
    streamsGroupCurrentMemberAssignmentKey,
    StreamsGroupCurrentMemberAssignmentValue,
    streamsGroupCurrentMemberAssignmentValue,
  ),
  recordType(
    StreamsGroupMemberMetadataKey,
    streamsGroupMemberMetadataKey,
    StreamsGroupMemberMetadataValue,
    streamsGroupMemberMetadataValue,
  ),
  recordType(StreamsGroupMetadataKey, streamsGroupMetadataKey, StreamsGroupMetadataValue, streamsGroupMetadataValue),
  recordType(
    StreamsGroupTargetAssignmentMemberKey,
    streamsGroupTargetAssignmentMemberKey,
    StreamsGroupTargetAssignmentMemberValue,
    streamsGroupTargetAssignmentMemberValue,
  ),
  recordType(
    StreamsGroupTargetAssignmentMetadataKey,
    streamsGroupTargetAssignmentMetadataKey,
    StreamsGroupTargetAssignmentMetadataValue,
    streamsGroupTargetAssignmentMetadataValue,
  ),
  recordType(StreamsGroupTopologyKey, streamsGroupTopologyKey, StreamsGroupTopologyValue, streamsGroupTopologyValue),
]
