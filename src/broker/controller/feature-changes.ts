/** UpdateFeatures (KIP-584, KIP-778, KIP-1022): which levels may follow which, in the words of Kafka's controller. */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { METADATA_VERSION, SUPPORTED_FEATURES } from './features.ts'
import { ConfigResourceType, type MetadataImage } from './metadata-image.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { metadataVersionName, requiredMetadataVersion } from './metadata-versions.ts'

export const KRAFT_VERSION = 'kraft.version'

/** FeatureUpdate.UpgradeType; anything else is unknown. */
export const UpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const

/** metadata.version levels whose records an older level can't hold (MetadataVersion.didMetadataChange). */
const METADATA_CHANGED: ReadonlySet<number> = new Set([7, 8, 11, 13, 14, 15, 17, 23, 30])

export interface FeatureUpdate {
  level: number
  upgradeType: number
}

export interface FeatureChanges {
  records: MetadataRecordDraft[]
  /** kraft.version stands in control records of the log, not among the metadata. */
  kraftVersion?: number
}

const refused = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_UPDATE_VERSION, message)

/**
 * Records that set the wanted levels: all or none.
 *
 * @param levels finalized levels now, kraft.version included; a feature that isn't there has level 0
 * @throws KafkaError INVALID_UPDATE_VERSION naming the first update that isn't allowed
 */
export function featureChanges(
  nodeId: number,
  levels: ReadonlyMap<string, number>,
  updates: ReadonlyMap<string, FeatureUpdate>,
): FeatureChanges {
  const changes: FeatureChanges = { records: [] }
  const wanted = new Map([...levels, ...[...updates].map(([name, { level }]) => [name, level] as const)])
  for (const [name, update] of updates) {
    const current = levels.get(name) ?? 0
    checkUpdate(nodeId, name, current, update)
    if (name === METADATA_VERSION) checkMetadataVersion(current, update)
    else if (name === KRAFT_VERSION) {
      if (update.level > current) changes.kraftVersion = update.level
      continue
    } else checkDependencies(name, update.level, wanted.get(METADATA_VERSION) ?? 0)
    if (name === METADATA_VERSION && update.level === current) continue
    changes.records.push({ type: 'FeatureLevelRecord', data: { name, featureLevel: update.level } })
  }
  return changes
}

function invalid(name: string, level: number, reason: string): KafkaError {
  if (name === METADATA_VERSION && reason === '') return refused(`Invalid metadata.version ${level}.`)
  return refused(`Invalid update version ${level} for feature ${name}. ${reason}`)
}

function checkUpdate(nodeId: number, name: string, current: number, { level, upgradeType }: FeatureUpdate): void {
  const isUpgrade = upgradeType === UpgradeType.UPGRADE
  if (!(Object.values(UpgradeType) as number[]).includes(upgradeType)) {
    throw invalid(name, level, 'The controller does not support the given upgrade type.')
  }
  if (level < 0) throw invalid(name, level, 'A feature version cannot be less than 0.')
  const range = SUPPORTED_FEATURES.find((feature) => feature.name === name)
  if (!range && level > 0) throw invalid(name, level, `Local controller ${nodeId} does not support this feature.`)
  if (range && (level < range.min || level > range.max)) {
    throw invalid(name, level, `Local controller ${nodeId} only supports versions ${range.min}-${range.max}`)
  }
  if (level < current && isUpgrade) {
    const reason =
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
    throw invalid(name, level, reason)
  }
  if (level > current && !isUpgrade) throw invalid(name, level, "Can't downgrade to a newer version.")
  if (!range) throw invalid(name, level, `Feature ${name} not found.`)
  if (name === KRAFT_VERSION && level < current) {
    throw invalid(name, level, "Can't downgrade the version of this feature.")
  }
}

function checkMetadataVersion(current: number, { level, upgradeType }: FeatureUpdate): void {
  for (let lost = current; lost > level; lost--) {
    if (!METADATA_CHANGED.has(lost)) continue
    const why =
      upgradeType === UpgradeType.UNSAFE_DOWNGRADE
        ? 'Unsafe metadata downgrade is not supported in this version.'
        : 'Refusing to perform the requested downgrade because it might delete metadata information.'
    throw refused(`Unsupported metadata.version downgrade from ${current} to ${level}. ${why}`)
  }
}

function checkDependencies(name: string, level: number, metadataVersion: number): void {
  const needed = requiredMetadataVersion(name, level)
  if (needed === undefined || metadataVersion >= needed) return
  const reason = `${name} could not be set to ${level} because it depends on metadata.version=${needed} (${metadataVersionName(needed)})`
  throw invalid(name, level, reason)
}

const ELR_FEATURE = 'eligible.leader.replicas.version'
const MIN_ISR = 'min.insync.replicas'

/**
 * What eligible leader replicas ask for when they are switched on: one min.insync.replicas for the whole cluster, none of a single
 * broker's own (KIP-966).
 */
export function elrSafetyRecords(
  image: MetadataImage,
  updates: ReadonlyMap<string, FeatureUpdate>,
  minInSyncReplicas: number,
): MetadataRecordDraft[] {
  if ((updates.get(ELR_FEATURE)?.level ?? 0) < 1 || (image.features.get(ELR_FEATURE) ?? 0) > 0) return []
  const { BROKER } = ConfigResourceType
  const set = (resourceName: string, value: string | null): MetadataRecordDraft => ({
    type: 'ConfigRecord',
    data: { resourceType: BROKER, resourceName, name: MIN_ISR, value },
  })
  const records = image
    .configuredResources(BROKER)
    .filter((name) => name !== '' && image.configOf(BROKER, name).has(MIN_ISR))
    .map((name) => set(name, null))
  if (!image.configOf(BROKER, '').has(MIN_ISR)) records.push(set('', String(minInSyncReplicas)))
  return records
}
