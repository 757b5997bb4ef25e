import { type Io, println } from '../../cli/io.ts'
import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { dependencyRow, printDependencies, printLevels } from '../shared/feature-rows.ts'
import type { OutputFormat, Row } from '../shared/structured.ts'

const METADATA_VERSION = 'metadata.version'
const LATEST_STABLE = '4.3-IV0'

/** `kafka-storage version-mapping`: the feature levels of a release. */
export const versionMapping = async (release: string | undefined, io: Io, format?: OutputFormat): Promise<number> => {
  const { metadataVersionLevel, defaultFeatureLevels } = await loadMetadataVersions()
  const name = release ?? LATEST_STABLE
  const level = metadataVersionLevel(name)
  if (format !== undefined) {
    await printLevels(io, format, [[METADATA_VERSION, level], ...defaultFeatureLevels(level)], name)
    return 0
  }
  println(io.out, `${METADATA_VERSION}=${level} (${name})`)
  for (const [feature, featureLevel] of defaultFeatureLevels(level)) println(io.out, `${feature}=${featureLevel}`)
  return 0
}

const parseFeature = (text: string): { name: string; level: number } => {
  const [name, level, ...more] = text.split('=')
  if (!name || level === undefined || more.length > 0) {
    throw new Error(`Invalid feature format: ${text}. Expected format: 'feature=version' (e.g. 'group.version=1')`)
  }
  if (!/^[+-]?\d{1,5}$/.test(level)) throw new Error(`Invalid version format: ${level} for feature ${name}`)
  return { name, level: Number(level) }
}

/** `kafka-storage feature-dependencies`: which metadata.version each feature level needs. */
export const featureDependencies = async (
  features: readonly string[],
  io: Io,
  format?: OutputFormat,
): Promise<number> => {
  const { hasFeatureLevel, metadataVersionName, requiredMetadataVersion } = await loadMetadataVersions()
  const rows: Row[] = []
  for (const text of features) {
    const { name, level } = parseFeature(text)
    if (format !== undefined && (name === METADATA_VERSION || hasFeatureLevel(name, level))) {
      const needed = name === METADATA_VERSION ? undefined : requiredMetadataVersion(name, level)
      rows.push(dependencyRow(name, level, needed, metadataVersionName))
      continue
    }
    if (name === METADATA_VERSION) {
      println(io.out, `${name}=${level} (${metadataVersionName(level)}) has no dependencies.`)
      continue
    }
    if (!hasFeatureLevel(name, level)) throw new Error(`Feature level ${level} is not supported for feature ${name}`)
    const needed = requiredMetadataVersion(name, level)
    if (needed === undefined) println(io.out, `${name}=${level} has no dependencies.`)
    else {
      println(io.out, `${name}=${level} requires:`)
      println(io.out, `    ${METADATA_VERSION}=${needed} (${metadataVersionName(needed)})`)
    }
  }
  if (format !== undefined) await printDependencies(io, format, rows)
  return 0
}
