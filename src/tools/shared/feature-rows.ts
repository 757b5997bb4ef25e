import type { Io } from '../../cli/io.ts'
import { type OutputFormat, printStructured, type Row } from './structured.ts'

const METADATA_VERSION = 'metadata.version'

/** The levels of features in a release, for `--output`. */
export const printLevels = (
  io: Io,
  format: OutputFormat,
  levels: readonly (readonly [feature: string, level: number])[],
  release: string,
): Promise<void> => {
  const rows = levels.map(([feature, version]) => ({
    feature,
    version,
    release: feature === METADATA_VERSION ? release : null,
  }))
  return printStructured(io, format, rows, ['feature', 'version', 'release'])
}

/** What a feature level needs, as a row. `needed` is a level of metadata.version. */
export const dependencyRow = (
  feature: string,
  version: number,
  needed: number | undefined,
  releaseOf: (level: number) => string,
): Row => ({
  feature,
  version,
  requires: needed === undefined ? [] : [{ feature: METADATA_VERSION, version: needed, release: releaseOf(needed) }],
})

/** Such rows, for `--output`. */
export const printDependencies = (io: Io, format: OutputFormat, rows: readonly Row[]): Promise<void> =>
  printStructured(io, format, rows, ['feature', 'version', 'requires'])
