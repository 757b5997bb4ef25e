import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import { errorMessage } from '../../cli/run-command.ts'
import type { FeatureUpgradeType } from '../../client/operations-types.ts'
import type { Admin, Result } from '../../client/types.ts'
import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { levelsOfRelease } from './mapping.ts'
import { parseFeature } from './parse.ts'

type Operation = 'upgrade' | 'downgrade' | 'disable'

const levelsToSet = async (values: ArgparseValues, io: Io): Promise<Map<string, number>> => {
  const release = values.text('release-version')
  const metadata = values.text('metadata')
  const features = values.list('feature')
  if (release !== undefined) {
    if (metadata !== undefined || features.length > 0) {
      throw new Error('Can not specify `release-version` with other feature flags.')
    }
    const levels = [...(await levelsOfRelease(release))]
    // What a release does not have yet is no upgrade.
    return new Map(values.command === 'upgrade' ? levels.filter(([, level]) => level > 0) : levels)
  }
  const levels = new Map<string, number>()
  const add = (feature: string, level: number): void => {
    if (levels.has(feature)) throw new Error(`Feature ${feature} was specified more than once.`)
    levels.set(feature, level)
  }
  if (metadata !== undefined) {
    println(io.out, ' `metadata` flag is deprecated and may be removed in a future release.')
    add('metadata.version', (await loadMetadataVersions()).metadataVersionLevel(metadata))
  }
  for (const text of features) {
    if (values.command === 'disable') add(text, 0)
    else add(...parseFeature(text))
  }
  return levels
}

const lineOf = (
  operation: Operation,
  dryRun: boolean,
  feature: string,
  level: number,
  result: Result<void>,
): string => {
  if (!result.ok) {
    const what = operation === 'disable' ? `disable ${feature}` : `${operation} ${feature} to ${level}`
    return `${dryRun ? 'Can not' : 'Could not'} ${what}. ${errorMessage(result.error)}`
  }
  const what = operation === 'disable' ? 'disabled.' : `${operation}d to ${level}.`
  return `${feature} ${dryRun ? 'can be' : 'was'} ${what}`
}

/** `upgrade`, `downgrade` and `disable`. */
export const updateFeatures = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const operation = values.command as Operation
  const levels = await levelsToSet(values, io)
  if (levels.size === 0) throw new Error(`You must specify at least one feature to ${operation}`)
  if ([...levels.keys()].includes('')) throw new Error('Provided feature can not be empty.')
  const down: FeatureUpgradeType = values.has('unsafe') ? 'unsafe-downgrade' : 'safe-downgrade'
  const upgradeType: FeatureUpgradeType = operation === 'upgrade' ? 'upgrade' : down
  const dryRun = values.has('dry-run')
  const updates = new Map([...levels].map(([feature, level]) => [feature, { level, upgradeType }]))
  const results = await admin.updateFeatures(updates, { validateOnly: dryRun }).catch((error: unknown) => {
    const failure: Result<void> = { ok: false, error: error as Error }
    return new Map([...levels.keys()].map((feature) => [feature, failure]))
  })
  const sorted = [...results].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [feature, result] of sorted) {
    println(io.out, lineOf(operation, dryRun, feature, levels.get(feature) ?? 0, result))
  }
  const failures = sorted.filter(([, { ok }]) => !ok).length
  if (failures > 0) throw new Error(`${failures} out of ${levels.size} operation(s) failed.`)
}
