import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Io, println } from '../../cli/io.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { readPropertiesFile } from '../../config/properties.ts'
import { type OutputFormat, printStructured } from '../shared/structured.ts'

const META_PROPERTIES_FILE = 'meta.properties'

interface Report {
  found: string[]
  problems: string[]
  /** The first directory's meta.properties. */
  metadata: ReadonlyMap<string, string> | undefined
}

/** As Java prints a map: `{cluster.id=…, node.id=1}`, sorted by key. */
const mapText = (values: ReadonlyMap<string, string>): string =>
  `{${[...values]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}}`

const addMetadata = (report: Report, file: string): void => {
  let values: Map<string, string>
  try {
    values = readPropertiesFile(file)
  } catch (error) {
    report.problems.push(`Error loading ${file}: ${(error as Error).message}`)
    return
  }
  report.metadata ??= values
  const first = report.metadata
  if (['cluster.id', 'node.id'].some((key) => first.get(key) !== values.get(key))) {
    report.problems.push(
      `Metadata for ${file} was ${mapText(values)}, but other directories featured ${mapText(first)}`,
    )
  }
}

const inspect = (directories: readonly string[]): Report => {
  const report: Report = { found: [], problems: [], metadata: undefined }
  for (const directory of [...directories].sort()) {
    const stat = statSync(directory, { throwIfNoEntry: false })
    if (stat === undefined) report.problems.push(`${directory} does not exist`)
    else if (!stat.isDirectory()) report.problems.push(`${directory} is not a directory`)
    else {
      report.found.push(directory)
      const file = join(directory, META_PROPERTIES_FILE)
      if (existsSync(file)) addMetadata(report, file)
      else report.problems.push(`${directory} is not formatted.`)
    }
  }
  return report
}

const printList = (io: Io, title: string, items: readonly string[]): void => {
  if (items.length === 0) return
  println(io.out, title)
  for (const item of items) println(io.out, `  ${item}`)
  println(io.out)
}

/** `kafka-storage info`: which log directories there are and what they were formatted for; 1 when there is a problem. */
export const info = async (config: BrokerConfig, io: Io, format?: OutputFormat): Promise<number> => {
  const { logDirs, metadataLogDir } = config.topology
  const { found, problems, metadata } = inspect([...new Set([metadataLogDir, ...logDirs])])
  if (format !== undefined) {
    for (const problem of problems) io.failed?.(new Error(problem), { problem })
    const row = { logDirs: found, metadata: metadata ? Object.fromEntries(metadata) : null, problems }
    await printStructured(io, format, [row], Object.keys(row))
    return problems.length > 0 ? 1 : 0
  }
  printList(io, found.length === 1 ? 'Found log directory:' : 'Found log directories:', found)
  if (metadata) {
    println(io.out, `Found metadata: ${mapText(metadata)}`)
    println(io.out)
  }
  printList(io, problems.length === 1 ? 'Found problem:' : 'Found problems:', problems)
  return problems.length > 0 ? 1 : 0
}
