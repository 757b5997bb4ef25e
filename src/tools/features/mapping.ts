import { type Io, println } from '../../cli/io.ts'
import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { parseFeature } from './parse.ts'

const METADATA_VERSION = 'metadata.version'
const LATEST_STABLE = '4.3-IV0'

/** Level by feature of a release, metadata.version first. */
export const levelsOfRelease = async (release: string): Promise<Map<string, number>> => {
  const { metadataVersionLevel, defaultFeatureLevels } = await loadMetadataVersions()
  const level = metadataVersionLevel(release)
  return new Map([[METADATA_VERSION, level], ...defaultFeatureLevels(level)])
}

/** `version-mapping` */
export const versionMapping = async (release: string | undefined, io: Io): Promise<void> => {
  const { metadataVersionName } = await loadMetadataVersions()
  const levels = await levelsOfRelease(release ?? LATEST_STABLE)
  for (const [feature, level] of levels) {
    println(io.out, `${feature}=${level}${feature === METADATA_VERSION ? ` (${metadataVersionName(level)})` : ''}`)
  }
}

/** `feature-dependencies` */
export const featureDependencies = async (features: readonly string[], io: Io): Promise<void> => {
  const { hasFeatureLevel, metadataVersionName, requiredMetadataVersion } = await loadMetadataVersions()
  for (const text of features) {
    const [name, level] = parseFeature(text)
    if (name === METADATA_VERSION) {
      println(io.out, `${name}=${level} (${metadataVersionName(level)}) has no dependencies.`)
      continue
    }
    if (!hasFeatureLevel(name, level)) throw new Error(`No feature:${name} with feature level ${level}`)
    const needed = requiredMetadataVersion(name, level)
    if (needed === undefined) println(io.out, `${name}=${level} has no dependencies.`)
    else {
      println(io.out, `${name}=${level} requires:`)
      println(io.out, `    ${METADATA_VERSION}=${needed} (${metadataVersionName(needed)})`)
    }
  }
}
