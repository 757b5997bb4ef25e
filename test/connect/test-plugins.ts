import type { ConnectConfigKey } from '../../src/connect/api/config.ts'
import type { SinkTask, SinkTaskContext, SourceTask } from '../../src/connect/api/connector.ts'
import type { Plugin, SinkPlugin, SourcePlugin } from '../../src/connect/api/plugin.ts'
import type { SinkRecord, SourceRecord } from '../../src/connect/api/record.ts'
import { RetriableError } from '../../src/connect/data/errors.ts'

const connector = (tasks: (maxTasks: number, props: Record<string, string>) => Record<string, string>[]) => {
  let own: Record<string, string> = {}
  return {
    start: (props: Readonly<Record<string, string>>): void => {
      own = { ...props }
    },
    taskConfigs: (maxTasks: number) => tasks(maxTasks, own),
    stop: (): void => {},
  }
}

const configs: readonly ConnectConfigKey[] = [
  { name: 'topic', type: 'STRING', defaultValue: '', importance: 'HIGH', documentation: '' },
]

const idle = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })

/** Gives the records pushed into it, one poll each time; an Error among them is thrown. */
export class FedSource {
  readonly className = 'test.FedSource'
  readonly #queue: (readonly Partial<SourceRecord>[] | Error)[] = []
  #wake: (() => void) | null = null
  readonly acknowledged: number[] = []
  #position = 0

  push(...items: (readonly Partial<SourceRecord>[] | Error)[]): void {
    this.#queue.push(...items)
    this.#wake?.()
  }

  get plugin(): SourcePlugin {
    return {
      type: 'source',
      className: this.className,
      version: '1',
      configs,
      makeConnector: () => connector((_, props) => [props]),
      makeTask: () => this.#task(),
    }
  }

  #task(): SourceTask {
    let topic = ''
    return {
      start: (props, { offsets }) => {
        topic = props.topic ?? ''
        void offsets
      },
      poll: async (signal) => {
        while (this.#queue.length === 0) {
          const woken = new Promise<void>((resolve) => {
            this.#wake = resolve
          })
          if ((await Promise.race([woken.then(() => 'woken'), idle(signal)])) === null) return null
        }
        const next = this.#queue.shift()!
        if (next instanceof Error) throw next
        return next.map((record) => ({
          topic,
          kafkaPartition: null,
          keySchema: null,
          key: null,
          valueSchema: null,
          value: null,
          timestamp: null,
          headers: [],
          sourcePartition: { source: 'fed' },
          sourceOffset: { position: ++this.#position },
          ...record,
        }))
      },
      commitRecord: (record) => {
        this.acknowledged.push(Number(record.sourceOffset.position))
      },
      stop: () => {},
    }
  }
}

/** Keeps what is put into it; `onPut` may throw. */
export class CollectingSink {
  readonly className = 'test.CollectingSink'
  readonly values: unknown[] = []
  readonly records: SinkRecord[] = []
  readonly opened: string[] = []
  readonly closed: string[] = []
  puts = 0
  onPut: (records: readonly SinkRecord[], context: SinkTaskContext) => void = () => {}
  #waiters: (() => void)[] = []

  /** Waits until `count` values were put. */
  async until(count: number): Promise<void> {
    while (this.values.length < count) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  get plugin(): SinkPlugin {
    return {
      type: 'sink',
      className: this.className,
      version: '1',
      configs: [],
      makeConnector: () => ({
        ...connector((max, props) => Array.from({ length: max }, () => props)),
        alterOffsets: () => true,
      }),
      makeTask: () => this.#task(),
    }
  }

  #task(): SinkTask {
    let context: SinkTaskContext
    const name = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}-${partition}`
    return {
      start: (_props, given) => {
        context = given
      },
      open: (partitions) => void this.opened.push(...partitions.map(name)),
      close: (partitions) => void this.closed.push(...partitions.map(name)),
      put: (records) => {
        if (records.length === 0) return
        this.puts++
        this.onPut(records, context)
        this.records.push(...records)
        this.values.push(...records.map(({ value }) => value))
        for (const wake of this.#waiters.splice(0)) wake()
      },
      stop: () => {},
    }
  }
}

/** Fails the first `times` puts with an error that is worth another try. */
export const failingFirst = (times: number): ((records: readonly SinkRecord[], context: SinkTaskContext) => void) => {
  let left = times
  return (_records, context) => {
    if (left-- <= 0) return
    context.timeout(1)
    throw new RetriableError('not now')
  }
}

export const pluginsOf = (...parts: { plugin: Plugin }[]): Plugin[] => parts.map(({ plugin }) => plugin)
