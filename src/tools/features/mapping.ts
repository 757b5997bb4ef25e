import { type Io, println } from '../../cli/io.ts'
import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { dependencyRow, printDependencies, printLevels } from '../shared/feature-rows.ts'
import type { OutputFormat, Row } from '../shared/structured.ts'
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
export const versionMapping = async (release: string | undefined, io: Io, format?: OutputFormat): Promise<void> => {
  const name = release ?? LATEST_STABLE
  const levels = await levelsOfRelease(name)
  if (format !== undefined) {
    return printLevels(io, format, [...levels], name)
  }
  for (const [feature, level] of levels) {
    println(io.out, `${feature}=${level}${feature === METADATA_VERSION ? ` (${name})` : ''}`)
  }
}

/** `feature-dependencies` */
export const featureDependencies = async (
  features: readonly string[],
  io: Io,
  format?: OutputFormat,
): Promise<void> => {
  const { hasFeatureLevel, metadataVersionName, requiredMetadataVersion } = await loadMetadataVersions()
  const rows: Row[] = []
  for (const text of features) {
    const [name, level] = parseFeature(text)
    if (format !== undefined && (name === METADATA_VERSION || hasFeatureLevel(name, level))) {
      const needed = name === METADATA_VERSION ? undefined : requiredMetadataVersion(name, level)
      rows.push(dependencyRow(name, level, needed, metadataVersionName))
      continue
    }
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
  if (format !== undefined) await printDependencies(io, format, rows)
}
