import type { Props } from '../api/config.ts'
import type { Connector, PluginLog, SourceConnectorContext } from '../api/connector.ts'
import type { SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import { ConnectError } from '../data/errors.ts'
import { makeTask, type WorkerParts } from './make-task.ts'
import { messageOf, traceOf } from './trace.ts'
import type { WorkerTask } from './worker-task.ts'

export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'
export type ConnectorState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'

/** A task's configs besides those its connector gave it. */
const taskPropsOf = (plugin: SourcePlugin | SinkPlugin, connectorProps: Props, props: Props): Props => {
  const { topics, 'topics.regex': regex } = connectorProps
  const sink =
    plugin.type === 'sink'
      ? { ...(topics === undefined ? {} : { topics }), ...(regex === undefined ? {} : { 'topics.regex': regex }) }
      : {}
  return { ...props, 'task.class': plugin.className.replace(/Connector$/, 'Task'), ...sink }
}

/** One connector of the worker: its configs, the plugin's connector and its tasks. The herder calls one function at a time. */
export class RunningConnector {
  readonly name: string
  props: Props
  readonly plugin: SourcePlugin | SinkPlugin
  state: ConnectorState = 'UNASSIGNED'
  trace: string | null = null
  target: TargetState
  tasks: WorkerTask[] = []
  taskConfigs: Props[] = []
  readonly topics = new Set<string>()
  readonly #worker: WorkerParts
  readonly #log: PluginLog
  readonly #onReconfiguration: () => void
  #connector: Connector<SourceConnectorContext> | null = null

  /** @param onReconfiguration the connector wants its tasks to be made anew: call `updateTasks` when it is its turn */
  constructor(
    worker: WorkerParts,
    plugin: SourcePlugin | SinkPlugin,
    props: Props,
    target: TargetState,
    onReconfiguration: () => void,
  ) {
    this.name = props.name!
    this.props = props
    this.plugin = plugin
    this.target = target
    this.#worker = worker
    this.#log = worker.log.of(this.name, 'worker')
    this.#onReconfiguration = onReconfiguration
  }

  /** Starts the connector and, unless it is to be paused or stopped, its tasks. @throws what the connector throws */
  async start(): Promise<void> {
    await this.startConnector()
    if (this.target === 'STARTED') await this.updateTasks()
  }

  async startConnector(): Promise<void> {
    if (this.target === 'STOPPED') {
      this.state = 'STOPPED'
      return
    }
    const { offsets } = this.#worker
    this.#log.info(`Creating connector ${this.name} of type ${this.props['connector.class']}`)
    const connector = this.plugin.makeConnector() as Connector<SourceConnectorContext>
    try {
      await connector.start(this.props, {
        log: this.#log,
        requestTaskReconfiguration: this.#onReconfiguration,
        raiseError: (error) => this.fail(error),
        offsets: { offset: async (partition) => offsets.get(this.name, partition) },
      })
    } catch (error) {
      this.fail(error)
      throw new ConnectError(`Failed to start connector: ${this.name}`, { cause: error })
    }
    this.#connector = connector
    this.trace = null
    this.state = this.target === 'PAUSED' ? 'PAUSED' : 'RUNNING'
  }

  fail(error: unknown): void {
    this.state = 'FAILED'
    this.trace = traceOf(error)
    this.#log.error(`Connector ${this.name} failed\n${this.trace.trimEnd()}`)
  }

  /** Asks the connector what there is to do, and makes tasks anew when that has changed. */
  async updateTasks(): Promise<void> {
    if (this.#connector === null || this.target !== 'STARTED') return
    const maxTasks = Number(this.props['tasks.max'] ?? 1)
    const configs = await this.#connector.taskConfigs(maxTasks)
    if (configs.length > maxTasks && this.props['tasks.max.enforce'] !== 'false') {
      throw new ConnectError(
        `The connector ${this.name} has generated ${configs.length} tasks, which is greater than ${maxTasks}, the maximum number of tasks it is configured to create. ` +
          "This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false.",
      )
    }
    const made = configs.map((props) => taskPropsOf(this.plugin, this.props, props))
    if (this.tasks.length > 0 && JSON.stringify(made) === JSON.stringify(this.taskConfigs)) return
    await this.stopTasks()
    this.taskConfigs = made
    this.startTasks()
  }

  startTasks(): void {
    this.tasks = this.taskConfigs.map((_, index) => this.#startTask(index))
  }

  /** A task that can't even be made is there as a failed one. */
  #startTask(index: number): WorkerTask {
    const { plugin, props: connectorProps, name: connector } = this
    this.#log.info(`Creating task ${connector}-${index}`)
    const order = {
      connector,
      task: index,
      plugin,
      connectorProps,
      taskProps: this.taskConfigs[index]!,
      paused: this.target === 'PAUSED',
      onTopic: (topic: string) => void this.topics.add(topic),
    }
    const task = makeTask(this.#worker, order)
    task.start()
    return task
  }

  /** Stops a task and starts it again. */
  async restartTask(index: number): Promise<void> {
    await this.tasks[index]!.stop(this.#stopTimeoutMs())
    this.tasks[index] = this.#startTask(index)
  }

  #stopTimeoutMs(): number {
    return this.#worker.config.number('task.shutdown.graceful.timeout.ms')
  }

  async stopTasks(): Promise<void> {
    const tasks = this.tasks
    this.tasks = []
    for (const { id } of tasks) this.#log.info(`Stopping task ${id}`)
    await Promise.all(tasks.map((task) => task.stop(this.#stopTimeoutMs())))
  }

  /** Stops the connector alone. Never rejects. */
  async stopConnector(): Promise<void> {
    const connector = this.#connector
    this.#connector = null
    if (connector === null) return
    this.#log.info(`Stopping connector ${this.name}`)
    try {
      await connector.stop()
    } catch (error) {
      this.#log.error(`Error while shutting down connector: ${messageOf(error)}`)
    }
  }

  /** Stops everything; the state says so. */
  async stop(): Promise<void> {
    await this.stopTasks()
    await this.stopConnector()
    this.state = 'UNASSIGNED'
  }

  /** Goes over to another target state (KIP-875, KIP-980). */
  async setTarget(target: TargetState): Promise<void> {
    const before = this.target
    this.target = target
    if (target === 'STOPPED') {
      await this.stop()
      this.taskConfigs = []
      this.state = 'STOPPED'
      return
    }
    if (before === 'STOPPED' || this.#connector === null) await this.startConnector()
    if (this.state !== 'FAILED') this.state = target === 'PAUSED' ? 'PAUSED' : 'RUNNING'
    for (const task of this.tasks) {
      if (target === 'PAUSED') task.pause()
      else task.resume()
    }
    if (target === 'STARTED') await this.updateTasks()
  }
}
