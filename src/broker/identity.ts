import type { BrokerConfig } from '../config/broker-config.ts'
import type { FileSystem } from '../storage/file-system.ts'
import { META_PROPERTIES_FILE, readMetaProperties } from '../storage/meta-properties.ts'
import { BrokerStartError } from './broker-start-error.ts'

/** Whose the log directories are, by their meta.properties. */
export interface Identity {
  clusterId: string
  /** Of the metadata log's directory: this voter's id in the quorum (KIP-853). */
  directoryId: string
  /** Directory ids of the log directories, by path. */
  logDirIds: Map<string, string>
}

/**
 * Reads the meta.properties of all log directories.
 *
 * @throws BrokerStartError when one isn't formatted, is another node's or another cluster's
 */
export function readIdentity(config: BrokerConfig, fileSystem: FileSystem): Identity {
  const { topology } = config
  const dirs = [...new Set([topology.metadataLogDir, ...topology.logDirs])]
  let first: { clusterId: string; directoryId: string } | undefined
  const logDirIds = new Map<string, string>()
  for (const dir of dirs) {
    const found = readMetaProperties(fileSystem, dir)
    if (!found)
      throw new BrokerStartError(
        `No readable ${META_PROPERTIES_FILE} files found in ${dir}. Format it first: kt storage format --standalone -t $(kt storage random-uuid) -c FILE`,
      )
    if (found.nodeId !== topology.nodeId) {
      throw new BrokerStartError(
        `${dir} belongs to node ${found.nodeId}, but node.id is ${topology.nodeId}. Use that node.id, or another directory.`,
      )
    }
    if (first && found.clusterId !== first.clusterId) {
      throw new BrokerStartError(
        `${dir} belongs to cluster ${found.clusterId}, the other log directories to ${first.clusterId}.`,
      )
    }
    first ??= found
    if (topology.logDirs.includes(dir)) logDirIds.set(dir, found.directoryId)
  }
  if (!first) throw new BrokerStartError('log.dirs is empty')
  return { ...first, logDirIds }
}
