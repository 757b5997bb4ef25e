import type { ConfigTexts } from '../config/config-def.ts'
import type { Plugin } from './api/plugin.ts'
import { WorkerConfig } from './config/worker-config.ts'
import { ConnectError } from './data/errors.ts'
import { OffsetStore } from './offsets/store.ts'
import { builtinPlugins } from './plugins/builtin.ts'
import { loadPluginPath } from './plugins/plugin-path.ts'
import { Plugins } from './plugins/registry.ts'
import { RestServer } from './rest/server.ts'
import { openAdmin } from './runtime/clients.ts'
import { Herder } from './runtime/herder.ts'
import { Log, type LogTarget } from './runtime/log.ts'
import type { TargetState } from './runtime/running-connector.ts'
import { messageOf } from './runtime/trace.ts'

/** A stand-alone worker: its connectors, its file of offsets and its REST API. */
export class StandaloneWorker {
  readonly herder: Herder
  readonly #rest: RestServer
  readonly #log: Log

  private constructor(herder: Herder, rest: RestServer, log: Log) {
    this.herder = herder
    this.#rest = rest
    this.#log = log
  }

  /** http://host:port/ of the REST API. */
  get url(): string {
    return this.#rest.advertised.url
  }

  /**
   * Starts a worker without connectors.
   * @param more plugins besides the built-in ones and those of plugin.path
   * @throws ConfigError, ConnectError when it can't start: configs, brokers, port, offsets
   */
  static async start(
    properties: ConfigTexts,
    target: LogTarget,
    more: readonly Plugin[] = [],
  ): Promise<StandaloneWorker> {
    const startedAt = performance.now()
    const log = new Log(target)
    log.info('Kafka Connect worker initializing ...')
    const config = new WorkerConfig(properties)
    for (const name of config.unknown()) log.warn(`The configuration '${name}' was supplied but isn't a known config.`)
    for (const name of config.ignored()) log.warn(`The configuration '${name}' has no effect in kt.`)
    const plugins = new Plugins([
      ...builtinPlugins,
      ...more,
      ...(await loadPluginPath(config.list('plugin.path'), log)),
    ])
    const clusterId = await clusterIdOf(config, log)
    log.info(`Kafka cluster ID: ${clusterId}`)
    const offsets = OffsetStore.open(config.string('offset.storage.file.filename'))
    const rest = new RestServer(config, log)
    await rest.listen()
    const herder = new Herder({ config, plugins, offsets, log })
    herder.workerId = rest.advertised.workerId
    const { routesOf } = await import('./rest/routes.ts')
    rest.serve(routesOf({ herder, clusterId, url: rest.advertised.url, logTarget: target }))
    log.info(`Kafka Connect started; the initialization took ${Math.round(performance.now() - startedAt)} ms`)
    return new StandaloneWorker(herder, rest, log)
  }

  /** Creates a connector. @throws RequestError, or what the connector throws */
  async create(props: Record<string, string>, target: TargetState = 'STARTED'): Promise<void> {
    const { info } = await this.herder.put(props.name ?? '', props, true, target)
    this.#log.info(`Created connector ${info.name}`)
  }

  /** Stops the REST API, then all connectors; offsets are stored. */
  async stop(): Promise<void> {
    this.#log.info('Kafka Connect stopping')
    await this.#rest.close()
    await this.herder.stop()
    this.#log.info('Kafka Connect stopped')
  }
}

const clusterIdOf = async (worker: WorkerConfig, log: Log): Promise<string> => {
  const admin = await openAdmin({ worker, props: {}, log }, 'connect-adminclient')
  try {
    return (await admin.describeCluster()).clusterId
  } catch (error) {
    const { detail, nextStep } = error as { detail?: string | null; nextStep?: string | null }
    const why = [messageOf(error), detail, nextStep].filter(Boolean).join(' ')
    throw new ConnectError(
      `Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties. ${why}`,
      { cause: error },
    )
  } finally {
    await admin.close()
  }
}
