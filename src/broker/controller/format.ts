/** Formats log directories: what `kafka-storage.sh format` writes before a node starts for the first time. */

import { randomUuid } from '../../base/random-uuid.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import type { UserScramCredentialRecord } from '../../protocol/generated/metadata/user-scram-credential-record.ts'
import { type FileSystem, nodeFileSystem, writeAtomically } from '../../storage/file-system.ts'
import { META_PROPERTIES_FILE, readMetaProperties, writeMetaProperties } from '../../storage/meta-properties.ts'
import { LATEST_METADATA_VERSION, METADATA_VERSION } from './features.ts'
import {
  BOOTSTRAP_CHECKPOINT_FILE,
  bootstrapCheckpoint,
  FIRST_SNAPSHOT_FILE,
  METADATA_LOG_FOLDER,
  type Voter,
  votersSnapshot,
} from './format-files.ts'
import {
  defaultFeatureLevels,
  FeatureError,
  featureNames,
  hasFeatureLevel,
  metadataVersionLevel,
  metadataVersionName,
  requiredMetadataVersion,
} from './metadata-versions.ts'
import { parseScramArgument } from './scram-arguments.ts'

export type { Voter } from './format-files.ts'

/** Formatting was refused or failed; the text is Kafka's. */
export class FormatError extends Error {
  override name = 'FormatError'
}

/** How the first controllers are known: by config (`static`), or as a dynamic quorum (KIP-853). */
export type InitialQuorum =
  | { kind: 'static' }
  | { kind: 'standalone' }
  | { kind: 'initial'; voters: readonly InitialVoter[] }
  | { kind: 'none' }

/** One `id@host:port:directory` of --initial-controllers. */
export interface InitialVoter {
  id: number
  host: string
  port: number
  directoryId: string
}

export interface FormatOptions {
  config: BrokerConfig
  clusterId: string
  quorum: InitialQuorum
  /** Leave directories alone that are formatted already, instead of refusing. */
  ignoreFormatted?: boolean
  /** metadata.version, as level; the newest unless given here or in `features`. */
  metadataVersion?: number
  /** Levels that differ from the defaults of the metadata.version. */
  features?: ReadonlyMap<string, number>
  /** Credentials to begin with, as `--add-scram` takes them. */
  scram?: readonly string[]
  nowMs: number
  fileSystem?: FileSystem
}

/** What formatting did. */
export interface FormatResult {
  /** Level of metadata.version and the other features that were written, in order; levels of 0 are left out. */
  bootstrapLevels: readonly [string, number][]
  /** Directories that were formatted, in order, with what each is for. */
  formatted: readonly { directory: string; kind: string }[]
}

/** Tells what is about to happen, before anything is written. */
export interface FormatListener {
  onStart?(result: Pick<FormatResult, 'bootstrapLevels'> & { credentials: readonly UserScramCredentialRecord[] }): void
  onDirectory?(directory: string, kind: string, metadataVersion: string): void
}

/**
 * The voters of `--initial-controllers`: `id@host:port:directory`, with commas between.
 * @throws FormatError in Kafka's words
 */
export function parseInitialVoters(text: string): InitialVoter[] {
  const voters = text.split(',').map((part) => parseVoter(part.trim()))
  for (const { id } of voters) {
    if (voters.filter((voter) => voter.id === id).length > 1) {
      throw new FormatError(`Node id ${id} was specified more than once.`)
    }
  }
  return voters
}

/** `[::1]:9093:…` or `host:9093:…` as host and the rest, which begins with a colon. */
function splitHost(text: string): [host: string, rest: string] {
  if (text === '') throw new FormatError('No hostname found after node id.')
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    if (end < 0) throw new FormatError('Hostname began with left bracket, but no right bracket was found.')
    return [text.slice(1, end), text.slice(end + 1)]
  }
  const end = text.indexOf(':')
  if (end < 0) throw new FormatError('No colon following hostname could be found.')
  return [text.slice(0, end), text.slice(end)]
}

function parseVoter(text: string): InitialVoter {
  const at = text.indexOf('@')
  if (at < 0) throw new FormatError('No @ found in dynamic voter string.')
  if (at === 0) throw new FormatError('Invalid @ at beginning of dynamic voter string.')
  const id = text.slice(0, at)
  if (!/^[+-]?\d+$/.test(id)) throw new FormatError('Failed to parse node id in dynamic voter string.')
  const [host, rest] = splitHost(text.slice(at + 1))
  if (!rest.startsWith(':')) throw new FormatError('Port section must start with a colon.')
  const colon = rest.indexOf(':', 1)
  if (colon < 0) throw new FormatError('No colon following port could be found.')
  const portText = rest.slice(1, colon)
  if (!/^[+-]?\d+$/.test(portText)) throw new FormatError('Failed to parse port in dynamic voter string.')
  const port = Number(portText)
  if (port < 0 || port > 65535) throw new FormatError(`Invalid port ${port} in dynamic voter string.`)
  const directoryId = rest.slice(colon + 1)
  if (!/^[\w-]{22}$/.test(directoryId)) throw new FormatError('Failed to parse directory ID in dynamic voter string.')
  return { id: Number(id), host, port, directoryId }
}

interface Levels {
  metadataVersion: number
  all: ReadonlyMap<string, number>
}

/** The level each feature gets; checked as Kafka checks them. */
function effectiveLevels(options: FormatOptions): Levels {
  const wanted = new Map(options.features ?? [])
  const wantedMetadata = wanted.get(METADATA_VERSION)
  if (options.metadataVersion !== undefined && wantedMetadata !== undefined) {
    throw new FormatError(`Use --release-version instead of --feature ${METADATA_VERSION}=X to avoid ambiguity.`)
  }
  const metadataVersion = options.metadataVersion ?? wantedMetadata ?? LATEST_METADATA_VERSION
  const release = metadataVersionName(metadataVersion)
  if (metadataVersion > LATEST_METADATA_VERSION)
    throw new FormatError(`${METADATA_VERSION} ${release} is not yet stable.`)
  wanted.delete(METADATA_VERSION)
  const all = defaultFeatureLevels(metadataVersion)
  for (const [name, level] of wanted) {
    if (!all.has(name)) {
      throw new FormatError(`Unsupported feature: ${name}. Supported features are: ${featureNames().join(', ')}`)
    }
    if (!hasFeatureLevel(name, level)) throw new FormatError(`No feature:${name} with feature level ${level}`)
    const needed = requiredMetadataVersion(name, level)
    if (needed !== undefined && metadataVersion < needed) {
      throw new FormatError(
        `${name} could not be set to ${level} because it depends on ${METADATA_VERSION} level ${needed}`,
      )
    }
    all.set(name, level)
  }
  all.set('kraft.version', kraftVersion(options, wanted.get('kraft.version')))
  return { metadataVersion, all }
}

function kraftVersion({ quorum, config }: FormatOptions, wanted: number | undefined): number {
  if (quorum.kind === 'static') {
    if ((wanted ?? 0) > 0 && config.topology.quorumVoters.length > 0) {
      throw new FormatError(
        `Cannot set kraft.version to ${wanted} unless controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.`,
      )
    }
    return wanted ?? 0
  }
  if (wanted === 0) {
    throw new FormatError(
      'Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing the --feature flag for kraft.version.',
    )
  }
  return 1
}

/** Directories of a node, the metadata log's first, each once. */
export function nodeDirectories(config: BrokerConfig): string[] {
  const { logDirs, metadataLogDir } = config.topology
  return [...new Set([metadataLogDir, ...logDirs])]
}

function prepareDirectory(fileSystem: FileSystem, directory: string): void {
  try {
    fileSystem.makeDirectory(directory)
  } catch (error) {
    throw new FormatError(`Unable to create log directory ${directory}: ${(error as Error).message}`, { cause: error })
  }
}

/** Whether a directory is formatted; it must be for this node of this cluster then. */
function isFormatted(options: FormatOptions, fileSystem: FileSystem, directory: string): boolean {
  if (fileSystem.stat(directory)?.isDirectory === false) throw new FormatError(`${directory} is not a directory`)
  const meta = readMetaProperties(fileSystem, directory)
  if (meta === undefined) return false
  const file = `${directory}/${META_PROPERTIES_FILE}`
  const { nodeId } = options.config.topology
  if (meta.clusterId !== options.clusterId) {
    throw new FormatError(`Invalid cluster.id in: ${file}. Expected ${options.clusterId}, but read ${meta.clusterId}`)
  }
  if (meta.nodeId !== nodeId) {
    throw new FormatError(
      `Stored node id ${meta.nodeId} doesn't match previous node id ${nodeId} in ${file}. If you moved your data, make sure your configured node id matches. If you intend to create a new node, you should remove all data in your data directories.`,
    )
  }
  return true
}

function voters(options: FormatOptions, ownDirectoryId: string): Voter[] {
  const { quorum, config } = options
  const { controllerListenerNames, controllerListeners, nodeId } = config.topology
  const name = controllerListenerNames[0] ?? 'CONTROLLER'
  if (quorum.kind === 'initial') {
    return quorum.voters.map(({ id, host, port, directoryId }) => ({
      id,
      directoryId,
      endpoints: [{ name, host, port }],
    }))
  }
  if (quorum.kind !== 'standalone') return []
  const endpoints = controllerListeners.map((endpoint) => ({
    name: endpoint.listener,
    host: advertisedHost(config, endpoint.listener) ?? endpoint.host ?? 'localhost',
    port: endpoint.port,
  }))
  return [{ id: nodeId, directoryId: ownDirectoryId, endpoints }]
}

function advertisedHost(config: BrokerConfig, listener: string): string | null {
  return config.topology.advertisedListeners.find((endpoint) => endpoint.listener === listener)?.host ?? null
}

function directoryKind(options: FormatOptions, directory: string): string {
  const { quorum, config } = options
  if (directory !== config.topology.metadataLogDir) return 'data directory'
  if (quorum.kind === 'standalone') return 'dynamic metadata voter directory'
  if (quorum.kind !== 'initial') return 'metadata directory'
  const isVoter = quorum.voters.some(({ id }) => id === config.topology.nodeId)
  return isVoter ? 'dynamic metadata voter directory' : 'dynamic metadata directory'
}

/**
 * Writes meta.properties and bootstrap.checkpoint into every log directory that has none, and for a dynamic quorum the first
 * snapshot with the voters into the metadata log. meta.properties comes last: what was interrupted counts as not formatted.
 *
 * @throws FormatError (Kafka's text) when a directory is formatted already or differently, or can't be written; FeatureError
 *   and StorageError likewise. Nothing is written when a check fails.
 */
export function formatLogDirs(options: FormatOptions, listener: FormatListener = {}): FormatResult {
  const fileSystem = options.fileSystem ?? nodeFileSystem
  const { metadataVersion, all } = effectiveLevels(options)
  const directories = nodeDirectories(options.config)
  const credentials = scramCredentials(options, metadataVersion)
  const done = directories.filter((directory) => isFormatted(options, fileSystem, directory))
  if (done.length > 0 && !options.ignoreFormatted) {
    throw new FormatError(
      `Log directory ${done[0]} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`,
    )
  }
  const pending = directories.filter((directory) => !done.includes(directory))
  const bootstrapLevels: [string, number][] = [
    [METADATA_VERSION, metadataVersion],
    ...[...all].filter(([name, level]) => name !== 'kraft.version' && level > 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]
  if (pending.length === 0) return { bootstrapLevels, formatted: [] }
  listener.onStart?.({ bootstrapLevels, credentials })
  const formatted = pending.map((directory) => {
    const kind = directoryKind(options, directory)
    listener.onDirectory?.(directory, kind, metadataVersionName(metadataVersion))
    formatDirectory(options, fileSystem, directory, bootstrapLevels, credentials)
    return { directory, kind }
  })
  return { bootstrapLevels, formatted }
}

/** The first metadata.version with SCRAM records: 3.5-IV2. */
const SCRAM_METADATA_VERSION = 11

function scramCredentials({ scram = [] }: FormatOptions, metadataVersion: number): UserScramCredentialRecord[] {
  const credentials = scram.map(parseScramArgument)
  if (credentials.length > 0 && metadataVersion < SCRAM_METADATA_VERSION) {
    throw new FormatError('SCRAM is only supported in metadata.version 3.5-IV2 or later.')
  }
  return credentials
}

function formatDirectory(
  options: FormatOptions,
  fileSystem: FileSystem,
  directory: string,
  levels: readonly [string, number][],
  credentials: readonly UserScramCredentialRecord[],
): void {
  const { config, quorum, nowMs, clusterId } = options
  const { nodeId, metadataLogDir } = config.topology
  prepareDirectory(fileSystem, directory)
  const named = quorum.kind === 'initial' ? quorum.voters.find(({ id }) => id === nodeId)?.directoryId : undefined
  const isMetadataDir = directory === metadataLogDir
  const directoryId = (isMetadataDir ? named : undefined) ?? randomUuid()
  try {
    if (isMetadataDir && (quorum.kind === 'standalone' || quorum.kind === 'initial')) {
      const folder = `${directory}/${METADATA_LOG_FOLDER}`
      fileSystem.makeDirectory(folder)
      writeAtomically(fileSystem, folder, FIRST_SNAPSHOT_FILE, votersSnapshot(voters(options, directoryId), 1, nowMs))
    }
    writeAtomically(fileSystem, directory, BOOTSTRAP_CHECKPOINT_FILE, bootstrapCheckpoint(levels, nowMs, credentials))
    writeMetaProperties(fileSystem, directory, { clusterId, nodeId, directoryId }, nowMs)
  } catch (error) {
    throw new FormatError(`Error while writing meta.properties file ${directory}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

export { FeatureError, metadataVersionLevel }
