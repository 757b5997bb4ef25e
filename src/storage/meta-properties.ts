import { StorageError } from './errors.ts'
import { type FileSystem, readWholeFile, writeAtomically } from './file-system.ts'

export const META_PROPERTIES_FILE = 'meta.properties'

/** What a log directory says of itself (Kafka's meta.properties, version 1). */
export interface MetaProperties {
  clusterId: string
  nodeId: number
  directoryId: string
}

/** A date as Java's Date.toString writes it, in UTC: `Sun Nov 22 11:48:48 UTC 2026`. */
function javaDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${day} ${time} UTC ${year}`
}

/** Reads meta.properties; undefined when the directory has none (it isn't formatted yet). */
export function readMetaProperties(fileSystem: FileSystem, directory: string): MetaProperties | undefined {
  const path = `${directory}/${META_PROPERTIES_FILE}`
  const text = readWholeFile(fileSystem, path)?.toString()
  if (text === undefined) return undefined
  const values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*([^#!\s=:][^=:\s]*)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (found) values.set(found[1]!, found[2]!.replace(/\\(.)/g, '$1'))
  }
  const nodeId = Number(values.get('node.id') ?? Number.NaN)
  const clusterId = values.get('cluster.id')
  const version = Number(values.get('version') ?? 0)
  if (version > 1) {
    throw new StorageError(
      `${path} is of version ${version}, which a newer Kafka or kt has written; version 1 is known here. Use that version, or another directory.`,
    )
  }
  if (version !== 1 || clusterId === undefined || !Number.isInteger(nodeId)) {
    throw new StorageError(
      `${path} is not of version 1 with cluster.id and node.id: the directory was not formatted for KRaft. Use another directory.`,
    )
  }
  return { clusterId, nodeId, directoryId: values.get('directory.id') ?? '' }
}

/** Writes meta.properties atomically. `nowMs` goes into the comment, as Java's Properties do it. */
export function writeMetaProperties(
  fileSystem: FileSystem,
  directory: string,
  meta: MetaProperties,
  nowMs: number,
): void {
  const lines = [
    '#',
    `#${javaDate(nowMs)}`,
    `node.id=${meta.nodeId}`,
    `directory.id=${meta.directoryId}`,
    'version=1',
    `cluster.id=${meta.clusterId}`,
  ]
  writeAtomically(fileSystem, directory, META_PROPERTIES_FILE, `${lines.join('\n')}\n`)
}
