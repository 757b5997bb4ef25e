/** The features of 4.3 and the levels this broker supports (KIP-584, KIP-1022). */
export interface FeatureRange {
  readonly name: string
  readonly min: number
  readonly max: number
}

export const METADATA_VERSION = 'metadata.version'
/** metadata.version 4.3-IV0. */
export const LATEST_METADATA_VERSION = 30

export const SUPPORTED_FEATURES: readonly FeatureRange[] = [
  { name: 'group.version', min: 0, max: 1 },
  { name: 'transaction.version', min: 0, max: 2 },
  { name: 'eligible.leader.replicas.version', min: 0, max: 1 },
  { name: METADATA_VERSION, min: 7, max: LATEST_METADATA_VERSION },
  { name: 'share.version', min: 0, max: 1 },
  { name: 'kraft.version', min: 0, max: 1 },
  { name: 'streams.version', min: 0, max: 1 },
]

/** Levels that a newly formatted cluster starts with, in the order Kafka's formatter writes them. */
export const BOOTSTRAP_FEATURES: readonly [name: string, level: number][] = [
  [METADATA_VERSION, LATEST_METADATA_VERSION],
  ['eligible.leader.replicas.version', 1],
  ['group.version', 1],
  ['share.version', 1],
  ['streams.version', 1],
  ['transaction.version', 2],
]
