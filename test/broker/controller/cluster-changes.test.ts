import { describe, expect, it } from 'vitest'
import { electLeader } from '../../../src/broker/controller/elections.ts'
import {
  elrSafetyRecords,
  type FeatureUpdate,
  featureChanges,
  UpgradeType,
} from '../../../src/broker/controller/feature-changes.ts'
import { ConfigResourceType, MetadataImage } from '../../../src/broker/controller/metadata-image.ts'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordDraft,
} from '../../../src/broker/controller/metadata-record.ts'
import { reassign } from '../../../src/broker/controller/reassignments.ts'
import { unregistration } from '../../../src/broker/controller/unregistration.ts'
import { ErrorCode, KafkaError } from '../../../src/protocol/errors.ts'

const TOPIC = Buffer.alloc(16, 1).toString('base64url')
const DIRECTORY = Buffer.alloc(16, 9).toString('base64url')
const ELR = 'eligible.leader.replicas.version'

/** Brokers 1 (this one) and 2 live, 3 is fenced; one partition as given. */
function cluster(partition: object, ...more: MetadataRecordDraft[]): MetadataImage {
  const image = new MetadataImage()
  const records: MetadataRecordDraft[] = [
    ...[1, 2, 3].map(
      (brokerId): MetadataRecordDraft => ({
        type: 'RegisterBrokerRecord',
        data: { brokerId, brokerEpoch: BigInt(brokerId), fenced: brokerId === 3 },
      }),
    ),
    { type: 'TopicRecord', data: { name: 't', topicId: TOPIC } },
    {
      type: 'PartitionRecord',
      data: { topicId: TOPIC, partitionId: 0, leaderEpoch: 5, directories: [DIRECTORY, DIRECTORY], ...partition },
    },
    ...more,
  ]
  apply(image, records)
  return image
}

function apply(image: MetadataImage, records: readonly MetadataRecordDraft[]): void {
  for (const record of records)
    image.apply(decodeMetadataRecord(encodeMetadataRecord({ ...record } as MetadataRecordDraft)), image.offset + 1)
}

function errorOf(action: () => unknown): [number, string] {
  try {
    action()
  } catch (error) {
    if (error instanceof KafkaError) return [error.code, error.message]
    throw error
  }
  return [0, '']
}

describe('a reassignment', () => {
  const change = (image: MetadataImage, replicas: number[] | null, allowFactorChange = true, unclean = false) => {
    const context = { image, nodeId: 1, directoryId: DIRECTORY, allowsUncleanElection: () => unclean }
    const record = reassign(context, 't', 0, replicas, allowFactorChange)
    if (record) apply(image, [record])
    const { replicas: now, isr, leader, leaderEpoch, addingReplicas, removingReplicas } = image.partition('t', 0)!
    return { replicas: now, isr, leader, leaderEpoch, adding: addingReplicas, removing: removingReplicas }
  }

  it('waits for a broker that is added, and can be given up', () => {
    const image = cluster({ replicas: [1], isr: [1], leader: 1 })
    expect(change(image, [2])).toEqual({
      ...{ replicas: [2, 1], isr: [1], leader: 1, leaderEpoch: 5, adding: [2], removing: [1] },
    })
    expect(image.partition('t', 0)!.directories).toHaveLength(2)
    expect(change(image, null)).toMatchObject({ replicas: [1], isr: [1], adding: [], removing: [], leader: 1 })
  })

  it('is done at once when all who stay are in sync, with a new leader if the old one goes', () => {
    const image = cluster({ replicas: [1, 2], isr: [1, 2], leader: 1 })
    expect(change(image, [2])).toEqual({
      ...{ replicas: [2], isr: [2], leader: 2, leaderEpoch: 6, adding: [], removing: [] },
    })
    const reordered = cluster({ replicas: [1, 2], isr: [1, 2], leader: 1 })
    expect(change(reordered, [2, 1])).toMatchObject({ replicas: [2, 1], leader: 1, leaderEpoch: 5 })
  })

  it('raises the leader epoch when a replica goes, though the leader stays', () => {
    const image = cluster({ replicas: [1, 2], isr: [1, 2], leader: 1 })
    expect(change(image, [1])).toMatchObject({ replicas: [1], isr: [1], leader: 1, leaderEpoch: 6 })
  })

  it('writes nothing for what is so already', () => {
    const image = cluster({ replicas: [1], isr: [1], leader: 1 })
    const context = { image, nodeId: 1, directoryId: DIRECTORY, allowsUncleanElection: () => false }
    expect(reassign(context, 't', 0, [1], false)).toBeUndefined()
  })

  it('refuses what Kafka refuses', () => {
    const image = cluster({ replicas: [1, 2], isr: [1, 2], leader: 1 })
    const refusal = (replicas: number[] | null, allow = true) => errorOf(() => change(image, replicas, allow))
    const { INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR, NO_REASSIGNMENT_IN_PROGRESS } = ErrorCode
    expect(refusal([7])).toEqual([
      INVALID_REPLICA_ASSIGNMENT,
      'The manual partition assignment includes broker 7, but no such broker is registered.',
    ])
    expect(refusal([1], false)).toEqual([INVALID_REPLICATION_FACTOR, 'The replication factor is changed from 2 to 1'])
    expect(refusal(null)[0]).toBe(NO_REASSIGNMENT_IN_PROGRESS)
  })

  it('is not given up when only new replicas are in sync, unless unclean elections are allowed', () => {
    const moving = { replicas: [2, 1], isr: [2], leader: 2, addingReplicas: [2], removingReplicas: [1] }
    expect(errorOf(() => change(cluster(moving), null))).toEqual([
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'Unable to revert partition assignment for t:0 because it would require an unclean leader election.',
    ])
    expect(change(cluster(moving), null, true, true)).toMatchObject({ replicas: [1], isr: [1], leader: 1 })
  })
})

describe('an election', () => {
  const elect = (image: MetadataImage, type: 'preferred' | 'unclean') => {
    apply(image, [electLeader(image, 't', 0, type)])
    const { leader, isr, leaderEpoch } = image.partition('t', 0)!
    return { leader, isr, leaderEpoch }
  }

  it('makes the preferred replica lead if it is in sync and alive', () => {
    expect(elect(cluster({ replicas: [2, 1], isr: [1, 2], leader: 1 }), 'preferred')).toMatchObject({ leader: 2 })
    const { ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE } = ErrorCode
    const code = (partition: object) => errorOf(() => elect(cluster(partition), 'preferred'))[0]
    expect(code({ replicas: [1, 2], isr: [1, 2], leader: 1 })).toBe(ELECTION_NOT_NEEDED)
    expect(code({ replicas: [2, 1], isr: [1], leader: 1 })).toBe(PREFERRED_LEADER_NOT_AVAILABLE)
    expect(code({ replicas: [3, 1], isr: [1, 3], leader: 1 })).toBe(PREFERRED_LEADER_NOT_AVAILABLE)
  })

  it('takes any living replica when unclean, but for partitions without a leader only', () => {
    expect(elect(cluster({ replicas: [3, 1], isr: [3], leader: -1 }), 'unclean')).toEqual({
      ...{ leader: 1, isr: [1], leaderEpoch: 6 },
    })
    const { ELECTION_NOT_NEEDED, ELIGIBLE_LEADERS_NOT_AVAILABLE } = ErrorCode
    const code = (partition: object) => errorOf(() => elect(cluster(partition), 'unclean'))[0]
    expect(code({ replicas: [3, 1], isr: [1], leader: 1 })).toBe(ELECTION_NOT_NEEDED)
    expect(code({ replicas: [3], isr: [3], leader: -1 })).toBe(ELIGIBLE_LEADERS_NOT_AVAILABLE)
  })
})

describe('an unregistration', () => {
  it('takes the broker out of ISRs and its leadership to another', () => {
    const image = cluster({ replicas: [2, 1], isr: [2, 1], leader: 2 })
    apply(image, unregistration(image, 2))
    expect(image.brokers.has(2)).toBe(false)
    expect(image.partition('t', 0)).toMatchObject({ leader: 1, isr: [1], leaderEpoch: 6 })
  })

  it.each([
    [0, { isr: [2], elr: [] }],
    [1, { isr: [], elr: [2] }],
  ])('remembers who had everything (ELR %i)', (featureLevel, expected) => {
    const image = cluster(
      { replicas: [2, 3], isr: [2], leader: 2 },
      { type: 'FeatureLevelRecord', data: { name: ELR, featureLevel } },
    )
    apply(image, unregistration(image, 2))
    expect(image.partition('t', 0)).toMatchObject({ leader: -1, ...expected })
  })
})

describe('feature levels', () => {
  const now = new Map([
    ['metadata.version', 29],
    ['group.version', 1],
    ['kraft.version', 0],
  ])
  const changes = (name: string, level: number, upgradeType: number) =>
    featureChanges(1, now, new Map([[name, { level, upgradeType }]]))

  it('can be lowered to where the records still fit, not below', () => {
    expect(changes('metadata.version', 24, UpgradeType.SAFE_DOWNGRADE).records).toEqual([
      { type: 'FeatureLevelRecord', data: { name: 'metadata.version', featureLevel: 24 } },
    ])
    expect(errorOf(() => changes('metadata.version', 22, UpgradeType.SAFE_DOWNGRADE))[1]).toBe(
      'Unsupported metadata.version downgrade from 29 to 22. Refusing to perform the requested downgrade because it might delete metadata information.',
    )
  })

  it('depend on metadata.version, also on one set in the same request', () => {
    const old = new Map([['metadata.version', 22]])
    const elr = [ELR, { level: 1, upgradeType: UpgradeType.UPGRADE }] as const
    expect(errorOf(() => featureChanges(1, old, new Map([elr])))).toEqual([
      ErrorCode.INVALID_UPDATE_VERSION,
      `Invalid update version 1 for feature ${ELR}. ${ELR} could not be set to 1 because it depends on metadata.version=23 (4.0-IV1)`,
    ])
    const both = new Map<string, FeatureUpdate>([
      elr,
      ['metadata.version', { level: 30, upgradeType: UpgradeType.UPGRADE }] as const,
    ])
    expect(featureChanges(1, old, both).records).toHaveLength(2)
  })

  it('of kraft.version stand elsewhere and only rise', () => {
    expect(changes('kraft.version', 1, UpgradeType.UPGRADE)).toEqual({ records: [], kraftVersion: 1 })
    const level = new Map([['kraft.version', { level: 0, upgradeType: UpgradeType.UNSAFE_DOWNGRADE }]])
    expect(errorOf(() => featureChanges(1, new Map([['kraft.version', 1]]), level))[1]).toContain("Can't downgrade")
  })

  it('fix min.insync.replicas when eligible leader replicas are switched on', () => {
    const { BROKER } = ConfigResourceType
    const own = { resourceType: BROKER, resourceName: '1', name: 'min.insync.replicas', value: '2' }
    const image = cluster({ replicas: [1], isr: [1], leader: 1 }, { type: 'ConfigRecord', data: own })
    const on = new Map([[ELR, { level: 1, upgradeType: UpgradeType.UPGRADE }]])
    apply(image, elrSafetyRecords(image, on, 3))
    expect(image.configOf(BROKER, '').get('min.insync.replicas')).toBe('3')
    expect(image.configOf(BROKER, '1').size).toBe(0)
    apply(image, [{ type: 'FeatureLevelRecord', data: { name: ELR, featureLevel: 1 } }])
    expect(elrSafetyRecords(image, on, 3)).toEqual([])
  })
})
