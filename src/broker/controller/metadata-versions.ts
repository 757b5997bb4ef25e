/**
 * The metadata.version levels of Kafka 4.3 with their release names, and the feature levels that a cluster formatted for a
 * release starts with (MetadataVersion, Feature; KIP-584, KIP-1022).
 */
import { LATEST_METADATA_VERSION, METADATA_VERSION, SUPPORTED_FEATURES } from './features.ts'

const MINIMUM_LEVEL = 7

/** Internal versions per release, in order of level, from level 7 on; the last is not yet stable. */
const NAMES: readonly string[] = [
  ['3.3', 3, 3],
  ['3.4', 0, 0],
  ['3.5', 0, 2],
  ['3.6', 0, 2],
  ['3.7', 0, 4],
  ['3.8', 0, 0],
  ['3.9', 0, 0],
  ['4.0', 0, 3],
  ['4.1', 0, 1],
  ['4.2', 0, 1],
  ['4.3', 0, 0],
  ['4.4', 0, 0],
].flatMap(([release, first, last]) =>
  Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${release}-IV${Number(first) + index}`),
)

/** metadata.version level from which a new cluster has level `level` of a feature. */
const DEFAULTS: readonly { name: string; level: number; since: number }[] = [
  { name: 'kraft.version', level: 1, since: 21 },
  { name: 'transaction.version', level: 2, since: 24 },
  { name: 'group.version', level: 1, since: 22 },
  { name: 'eligible.leader.replicas.version', level: 1, since: 26 },
  { name: 'share.version', level: 1, since: 28 },
  { name: 'streams.version', level: 1, since: 29 },
]

/** Feature levels that need a metadata.version. */
const DEPENDENCIES: readonly { name: string; level: number; metadataVersion: number }[] = [
  { name: 'eligible.leader.replicas.version', level: 1, metadataVersion: 23 },
]

/** A feature or level that isn't there, in the words of Kafka's tool. */
export class FeatureError extends Error {
  override name = 'FeatureError'
}

/** The release of a metadata.version level: 30 → '4.3-IV0'. Throws FeatureError for an unknown level. */
export function metadataVersionName(level: number): string {
  const name = NAMES[level - MINIMUM_LEVEL]
  if (name === undefined) throw new FeatureError(`Unknown metadata.version ${level}`)
  return name
}

/**
 * The level of a release name. `4.1-IV0` names one level, `4.1` the newest of that release.
 * @param stableOnly don't know the version that is still being made
 * @throws FeatureError listing what there is
 */
export function metadataVersionLevel(name: string, stableOnly = false): number {
  const stable = NAMES.slice(0, LATEST_METADATA_VERSION - MINIMUM_LEVEL + 1)
  const names = stableOnly ? stable : NAMES
  const exact = names.indexOf(name)
  const index = exact >= 0 ? exact : stable.findLastIndex((candidate) => candidate.startsWith(`${name}-IV`))
  if (index < 0) {
    throw new FeatureError(`Unknown metadata.version '${name}'. Supported metadata.version are: ${names.join(', ')}`)
  }
  return index + MINIMUM_LEVEL
}

/** Features other than metadata.version with the levels a cluster of that metadata.version starts with. */
export function defaultFeatureLevels(metadataVersion: number): Map<string, number> {
  return new Map(DEFAULTS.map(({ name, level, since }) => [name, metadataVersion >= since ? level : 0]))
}

/** Names of the features other than metadata.version, sorted. */
export function featureNames(): string[] {
  return DEFAULTS.map(({ name }) => name).sort()
}

/** Whether a feature has that level. Throws FeatureError for a feature that isn't known. */
export function hasFeatureLevel(name: string, level: number): boolean {
  const feature = SUPPORTED_FEATURES.find((candidate) => candidate.name === name)
  if (feature === undefined || name === METADATA_VERSION) throw new FeatureError(`Unknown feature: ${name}`)
  return level >= feature.min && level <= feature.max
}

/** The metadata.version that a feature level needs; undefined when any will do. */
export function requiredMetadataVersion(name: string, level: number): number | undefined {
  return DEPENDENCIES.find((dependency) => dependency.name === name && level >= dependency.level)?.metadataVersion
}
