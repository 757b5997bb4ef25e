import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import type { Admin } from '../../client/types.ts'
import { loadMetadataVersions } from '../../embedded/storage-format.ts'
import { execute } from '../shared/execution.ts'
import { left } from '../shared/java.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'

/** A level as people know it: releases for metadata.version, numbers else. */
const levelNamer = async (): Promise<(feature: string, level: number) => string> => {
  const { metadataVersionName } = await loadMetadataVersions()
  return (feature, level) => {
    if (feature !== 'metadata.version') return String(level)
    try {
      return metadataVersionName(level)
    } catch {
      return `UNKNOWN [${level}]`
    }
  }
}

/** `describe` */
export const describeFeatures = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const nodeId = values.text('node-id')
  const { supported, finalized, finalizedEpoch } = await execute(
    admin.describeFeatures(nodeId === undefined ? undefined : Number(nodeId)),
  )
  const nameOf = await levelNamer()
  const format = outputFormat(values, io)
  if (format !== undefined) {
    const releaseOf = (feature: string, level: number): string | null =>
      feature === 'metadata.version' && level > 0 ? nameOf(feature, level) : null
    const rows = [...supported]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([feature, { min, max }]) => ({
        feature,
        supportedMinVersion: min,
        supportedMaxVersion: max,
        finalizedVersion: finalized.get(feature) ?? 0,
        supportedMinRelease: releaseOf(feature, min),
        supportedMaxRelease: releaseOf(feature, max),
        finalizedRelease: releaseOf(feature, finalized.get(feature) ?? 0),
        finalizedEpoch: finalizedEpoch === null ? null : Number(finalizedEpoch),
      }))
    return printStructured(io, format, rows, Object.keys(rows[0] ?? {}))
  }
  const epoch = finalizedEpoch === null ? '-' : String(finalizedEpoch)
  const rows = [...supported]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, { min, max }]) => ({
      feature,
      supportedMinVersion: nameOf(feature, min),
      supportedMaxVersion: nameOf(feature, max),
      finalizedVersionLevel: nameOf(feature, finalized.get(feature) ?? 0),
      epoch,
    }))
  for (const row of rows) {
    const cells = [
      `Feature: ${left(row.feature, 40)}`,
      `SupportedMinVersion: ${left(row.supportedMinVersion, 15)}`,
      `SupportedMaxVersion: ${left(row.supportedMaxVersion, 15)}`,
      `FinalizedVersionLevel: ${left(row.finalizedVersionLevel, 15)}`,
      `Epoch: ${epoch}`,
    ]
    println(io.out, cells.join('  '))
  }
}
