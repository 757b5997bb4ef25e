/** A broker as a process runs it: directories locked, formatted where wanted, announced, and all of it taken back at the end. */
import { readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { randomUuid } from '../../base/random-uuid.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { nodeFileSystem } from '../../storage/file-system.ts'
import { META_PROPERTIES_FILE, readMetaProperties } from '../../storage/meta-properties.ts'
import { Broker } from '../broker.ts'
import { formatLogDirs, nodeDirectories } from '../controller/format.ts'
import { FaultyDisk } from '../faults/faulty-disk.ts'
import { type ParsedFault, parseFault } from '../faults/parse-fault.ts'
import { LOCK_FILE, lockDirectories } from '../lock-file.ts'
import type { Logger } from '../logger.ts'
import { ListenError } from '../server.ts'
import { registerProcess } from './run-directory.ts'
import { type NodeState, removeState, STATE_FILE, writeState } from './state-file.ts'

/** The node can't run as configured, or on that directory. */
export class NodeStartError extends Error {
  override name = 'NodeStartError'
  readonly nextStep: string

  constructor(message: string, nextStep = '', options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
}

export interface NodeOptions {
  /** server.properties, overrides applied. */
  properties: ReadonlyMap<string, string>
  logger: Logger
  /** Format directories that are empty. Without it they must be formatted. */
  format?: boolean
  /** When the wanted port is taken, take any other. */
  anyPort?: boolean
  /** Announce the broker to other processes of this machine (state file, run directory). */
  announce?: boolean
  logFile?: string | null
  idleTimeoutMs?: number
  /** Faults on demand from the moment the broker answers, as `kt broker start --fault` takes them. */
  faults?: readonly string[]
  /** The file system to use, for faults of the disk. */
  disk?: FaultyDisk
  clock?: Clock
}

/** A started node. */
export interface RunningNode {
  readonly broker: Broker
  readonly state: NodeState
  /** Stops the broker cleanly and gives its directories back. */
  stop(): Promise<void>
}

/** Files of kt itself that may lie in a data directory before it is formatted. */
const OWN_FILES = [LOCK_FILE, STATE_FILE, '.kt-', 'kt-broker.log', 'lost+found', '.lock']

function formatEmpty(config: BrokerConfig, logger: Logger, nowMs: number): void {
  const directories = nodeDirectories(config)
  const missing = directories.filter((directory) => readMetaProperties(nodeFileSystem, directory) === undefined)
  if (missing.length === 0) return
  for (const directory of missing) {
    const foreign = readdirSync(directory).find((name) => !OWN_FILES.some((own) => name.startsWith(own)))
    if (foreign === undefined) continue
    throw new NodeStartError(
      `The data directory ${directory} is not empty and has no ${META_PROPERTIES_FILE}: it holds ${foreign}, which is not kt's.`,
      'Use an empty directory, or format this one yourself: kt storage format.',
    )
  }
  const formatted = directories.map((directory) => readMetaProperties(nodeFileSystem, directory))
  const clusterId = formatted.find((meta) => meta !== undefined)?.clusterId ?? randomUuid()
  formatLogDirs({ config, clusterId, quorum: { kind: 'static' }, ignoreFormatted: true, nowMs })
  logger.info({ directories: missing, clusterId }, 'formatted')
}

function requireFormatted(config: BrokerConfig): void {
  const directories = nodeDirectories(config)
  if (directories.some((directory) => readMetaProperties(nodeFileSystem, directory) !== undefined)) return
  throw new NodeStartError(
    `No readable ${META_PROPERTIES_FILE} files found.`,
    `${directories.join(', ')} is not formatted. Format it: kt storage format --standalone -t $(kt storage random-uuid) -c FILE`,
  )
}

function refuseUnsupported(config: BrokerConfig): void {
  const { topology } = config
  if (!topology.isBroker() || !topology.isController() || topology.quorumVoters.length > 1) {
    throw new NodeStartError(
      `This version runs a broker and its controller in one node; process.roles=${[...topology.roles].join(',')} with ${topology.quorumVoters.length} quorum voters asks for more.`,
      'Set process.roles=broker,controller and name no other controller.',
    )
  }
}

/** Whether something listens on that port, on whatever address reaches this host name. */
function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      const probe = createServer()
      probe.once('error', () => resolve(true))
      probe.listen({ host, port }, () => probe.close(() => resolve(false)))
    })
  })
}

/** The properties with every broker listener on port 0. */
function withAnyPort(properties: ReadonlyMap<string, string>): Map<string, string> {
  const changed = new Map(properties)
  for (const name of ['listeners', 'advertised.listeners']) {
    const text = properties.get(name)
    if (text !== undefined) changed.set(name, text.replace(/:\d+(?=\s*(,|$))/g, ':0'))
  }
  return changed
}

async function startBroker(options: NodeOptions, config: BrokerConfig): Promise<Broker> {
  const { logger, properties, clock, disk } = options
  const start = (effective: BrokerConfig): Promise<Broker> =>
    Broker.start({ config: effective, logger, clock, storage: disk && { fileSystem: disk.fileSystem } })
  const first = config.topology.brokerListeners[0]
  if (!options.anyPort || first === undefined || first.port === 0) return start(config)
  const elsewhere = (): Promise<Broker> => start(BrokerConfig.fromProperties(withAnyPort(properties)))
  if (await isTaken(first.host ?? 'localhost', first.port)) return elsewhere()
  try {
    return await start(config)
  } catch (error) {
    // Somebody took the port since the look.
    if (error instanceof ListenError && error.code === 'EADDRINUSE') return elsewhere()
    throw error
  }
}

function putInForce(fault: ParsedFault, { faults }: Broker, disk: FaultyDisk | undefined): void {
  if (fault.on === 'request') faults.add(fault.rule)
  else if ('error' in fault) disk?.fail(fault.error, fault.match)
  else disk?.slow(fault.delayMs, fault.match)
}

function stateOf(broker: Broker, config: BrokerConfig, options: NodeOptions, token: string): NodeState {
  const { topology } = config
  const listener = topology.brokerListeners[0]!.listener
  const advertised = topology.advertisedListeners.find((endpoint) => endpoint.listener === listener)
  const host = advertised?.host || 'localhost'
  const port = broker.listenerPort(listener)
  return {
    pid: process.pid,
    token,
    nodeId: broker.nodeId,
    clusterId: broker.clusterId,
    roles: [...topology.roles],
    bootstrap: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    startedMs: Date.now(),
    dataDir: nodeDirectories(config)[0]!,
    logDirs: [...topology.logDirs],
    logFile: options.logFile ?? null,
    idleTimeoutMs: options.idleTimeoutMs ?? 0,
  }
}

/**
 * Locks the log directories, formats them if that is wanted, and starts the broker on them.
 * @throws ConfigError, DataDirInUseError, DataDirUnusableError, NodeStartError, and what Broker.start throws; nothing is left then
 */
export async function runNode(options: NodeOptions): Promise<RunningNode> {
  const { logger } = options
  const faults = (options.faults ?? []).map(parseFault)
  const disk = options.disk ?? (faults.some((fault) => fault.on === 'disk') ? new FaultyDisk() : undefined)
  const config = BrokerConfig.fromProperties(options.properties)
  refuseUnsupported(config)
  for (const name of config.unknownNames()) logger.warn({ config: name }, 'unknown config is ignored')
  if (!options.format) requireFormatted(config)
  const lock = lockDirectories(nodeDirectories(config))
  let started: Broker | undefined
  let unregister = (): void => {}
  try {
    if (options.format) formatEmpty(config, logger, Date.now())
    const broker = await startBroker({ ...options, disk }, config)
    started = broker
    for (const fault of faults) {
      logger.warn({ fault }, 'a fault on demand is in force')
      putInForce(fault, broker, disk)
    }
    const state = stateOf(broker, config, options, lock.token)
    if (options.announce) unregister = registerProcess(state)
    if (options.announce) writeState(state)
    let stopping: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      removeState(state)
      try {
        await broker.stop()
      } finally {
        unregister()
        lock.release()
      }
    }
    return { broker, state, stop: () => (stopping ??= stop()) }
  } catch (error) {
    await started?.stop()
    unregister()
    lock.release()
    throw error
  }
}
