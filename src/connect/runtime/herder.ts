import type { Props } from '../api/config.ts'
import type { OffsetMap } from '../api/record.ts'
import { type ConfigInfos, complaintOf, validateConnector } from '../config/validate.ts'
import type { WorkerParts } from './make-task.ts'
import { badRequest, notFound, RequestError } from './request-error.ts'
import { RunningConnector, type TargetState } from './running-connector.ts'
import { messageOf } from './trace.ts'
import type { WorkerTask } from './worker-task.ts'

/** A connector as the REST API tells of it. */
export interface ConnectorInfo {
  readonly name: string
  readonly config: Props
  readonly tasks: readonly { readonly connector: string; readonly task: number }[]
  readonly type: 'source' | 'sink'
}

interface StateInfo {
  readonly state: string
  readonly worker_id: string
  readonly version: string
  readonly trace?: string
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: StateInfo
  readonly tasks: readonly (StateInfo & { readonly id: number })[]
  readonly type: 'source' | 'sink'
}

/** What becomes of a request to change offsets (KIP-875). */
export interface OffsetChange {
  readonly partition: OffsetMap
  readonly offset: OffsetMap | null
}

/**
 * Runs the connectors of a stand-alone worker (org.apache.kafka.connect.runtime.standalone.StandaloneHerder). Changes are made one after
 * the other; connectors live in memory only. What can't be done is a RequestError in Kafka's words.
 */
export class Herder {
  readonly worker: WorkerParts
  /** host:port others are told; set once the REST API listens. */
  workerId = ''
  readonly #connectors = new Map<string, RunningConnector>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(worker: WorkerParts) {
    this.worker = worker
  }

  /** Runs changes one after the other. */
  #exclusive<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(change)
    this.#queue = result.catch(() => {})
    return result
  }

  names(): string[] {
    return [...this.#connectors.keys()]
  }

  connector(name: string): RunningConnector {
    const found = this.#connectors.get(name)
    if (found === undefined) throw notFound(`Connector ${name} not found`)
    return found
  }

  info(name: string): ConnectorInfo {
    const { props, tasks, plugin } = this.connector(name)
    const ids = tasks.map(({ number }) => ({ connector: name, task: number }))
    return { name, config: props, tasks: ids, type: plugin.type }
  }

  status(name: string): ConnectorStatus {
    const found = this.#connectors.get(name)
    if (found === undefined) throw notFound(`No status found for connector ${name}`)
    const { state, trace, plugin, tasks } = found
    return {
      name,
      connector: this.#stateInfo(found, state, trace),
      tasks: tasks.map((task) => this.#taskInfo(found, task)),
      type: plugin.type,
    }
  }

  #stateInfo({ plugin }: RunningConnector, state: string, trace: string | null): StateInfo {
    return { state, worker_id: this.workerId, version: plugin.version, ...(trace === null ? {} : { trace }) }
  }

  #taskInfo(connector: RunningConnector, { number: id, state, trace }: WorkerTask): StateInfo & { id: number } {
    return { id, ...this.#stateInfo(connector, state, trace) }
  }

  taskStatus(name: string, number: number): StateInfo & { id: number } {
    const connector = this.#connectors.get(name)
    const task = connector?.tasks[number]
    if (connector === undefined || task === undefined) throw notFound(`No status found for task ${name}-${number}`)
    return this.#taskInfo(connector, task)
  }

  tasks(name: string): { id: { connector: string; task: number }; config: Props }[] {
    const { tasks, taskConfigs } = this.connector(name)
    return tasks.map(({ number }) => ({ id: { connector: name, task: number }, config: taskConfigs[number]! }))
  }

  validate(props: Props): Promise<ConfigInfos> {
    return validateConnector(this.worker.plugins, this.worker.config, props)
  }

  /**
   * Creates a connector, or gives an existing one new configs, and starts it.
   * @param mayReplace without it an existing connector is a conflict
   */
  put(
    name: string,
    props: Props,
    mayReplace: boolean,
    target: TargetState = 'STARTED',
  ): Promise<{ created: boolean; info: ConnectorInfo }> {
    return this.#exclusive(() => this.#put(name, props, mayReplace, target))
  }

  async #put(
    name: string,
    props: Props,
    mayReplace: boolean,
    target: TargetState,
  ): Promise<{ created: boolean; info: ConnectorInfo }> {
    const complaint = complaintOf(await this.validate(props))
    if (complaint !== undefined) throw badRequest(complaint)
    const before = this.#connectors.get(name)
    if (before && !mayReplace) throw new RequestError(409, `Connector ${name} already exists`)
    await before?.stop()
    const plugin = this.worker.plugins.connector(props['connector.class']!)
    const connector = new RunningConnector(this.worker, plugin, props, before?.target ?? target, () =>
      this.#reconfigure(name),
    )
    this.#connectors.set(name, connector)
    await connector.start()
    return { created: before === undefined, info: this.info(name) }
  }

  /** KIP-477: changes some configs; null takes one away. */
  patch(name: string, changes: Readonly<Record<string, string | null>>): Promise<ConnectorInfo> {
    return this.#exclusive(async () => {
      const merged: Record<string, string> = { ...this.connector(name).props }
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete merged[key]
        else merged[key] = value
      }
      return (await this.#put(name, merged, true, 'STARTED')).info
    })
  }

  #reconfigure(name: string): void {
    const update = async (): Promise<void> => {
      const connector = this.#connectors.get(name)
      await connector?.updateTasks().catch((error: unknown) => connector.fail(error))
    }
    void this.#exclusive(update)
  }

  delete(name: string): Promise<void> {
    return this.#exclusive(async () => {
      const connector = this.connector(name)
      await connector.stop()
      this.#connectors.delete(name)
    })
  }

  setTarget(name: string, target: TargetState): Promise<void> {
    if (!this.#connectors.has(name)) throw notFound(`Unknown connector ${name}`)
    return this.#exclusive(() => this.connector(name).setTarget(target))
  }

  /** Restarts the connector, without its tasks. */
  restartConnector(name: string): Promise<void> {
    this.connector(name)
    return this.#exclusive(async () => {
      const connector = this.connector(name)
      await connector.stopConnector()
      await connector.start()
    })
  }

  /** Restarts the connector and tasks, all or those that failed (KIP-745). @returns the status with what is about to be restarted */
  async restart(name: string, includeTasks: boolean, onlyFailed: boolean): Promise<ConnectorStatus> {
    const connector = this.#connectors.get(name)
    if (connector === undefined) throw notFound(`Unknown connector: ${name}`)
    const concerns = (state: string): boolean => !onlyFailed || state === 'FAILED'
    const withConnector = concerns(connector.state)
    const numbers = includeTasks
      ? connector.tasks.filter(({ state }) => concerns(state)).map((task) => task.number)
      : []
    const status = this.status(name)
    const restarting = <T extends StateInfo>(info: T): T => ({ ...info, state: 'RESTARTING' })
    void this.#exclusive(async () => {
      if (withConnector) {
        await connector.stopConnector()
        await connector.startConnector()
      }
      for (const number of numbers) await connector.restartTask(number)
    }).catch((error: unknown) => this.worker.log.error(`Restarting ${name} failed: ${messageOf(error)}`))
    return {
      ...status,
      connector: withConnector ? restarting(status.connector) : status.connector,
      tasks: status.tasks.map((task) => (numbers.includes(task.id) ? restarting(task) : task)),
    }
  }

  restartTask(name: string, number: number): Promise<void> {
    const connector = this.connector(name)
    if (connector.tasks[number] === undefined) throw notFound(`Task ${name}-${number} not found`)
    return this.#exclusive(() => connector.restartTask(number))
  }

  topics(name: string): string[] {
    return [...(this.#connectors.get(name)?.topics ?? [])]
  }

  resetTopics(name: string): void {
    this.#connectors.get(name)?.topics.clear()
  }

  /** What {@link change} does with a connector that is stopped. @throws RequestError unless it is */
  whileStopped<T>(name: string, change: (connector: RunningConnector) => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      const connector = this.connector(name)
      if (connector.target === 'STOPPED') return change(connector)
      throw badRequest(
        'Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing ' +
          `a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
      )
    })
  }

  /** Stops everything; offsets are stored. */
  async stop(): Promise<void> {
    await this.#exclusive(async () => {
      await Promise.all([...this.#connectors.values()].map((connector) => connector.stop()))
    })
  }
}
