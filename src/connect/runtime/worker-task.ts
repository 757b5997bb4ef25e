import type { SinkTask, SourceTask } from '../api/connector.ts'
import type { Log } from './log.ts'
import { messageOf, traceOf } from './trace.ts'

export type TaskState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING'

export interface TaskId {
  readonly connector: string
  readonly task: number
}

/** What a task does between being made and being released. */
export interface TaskWork {
  /** Makes clients and starts the plugin's task. */
  start(): Promise<void>
  /**
   * One turn of the task's loop; soon over once `signal` is aborted.
   * @param paused the task is to do nothing but stay alive
   */
  turn(signal: AbortSignal, paused: boolean): Promise<void>
  /** Finishes what is under way and stores offsets. Only for tasks that have not failed. */
  finish(): Promise<void>
  /** Stops the plugin's task and closes the clients. Never rejects. */
  release(): Promise<void>
}

/**
 * The life of one task: a loop of turns until it is stopped or fails. It never disturbs others: what is thrown in it ends in its state and
 * trace.
 */
export class WorkerTask {
  readonly connector: string
  readonly number: number
  state: TaskState = 'UNASSIGNED'
  trace: string | null = null
  readonly log: Log
  readonly #work: TaskWork
  readonly #stopped: AbortController
  #paused: boolean
  #turn = new AbortController()
  #done: Promise<void> | null = null

  /** @param stopped is aborted when the task is stopped; the work knows its signal */
  constructor(id: TaskId, work: TaskWork, log: Log, paused: boolean, stopped: AbortController) {
    this.connector = id.connector
    this.number = id.task
    this.log = log
    this.#work = work
    this.#paused = paused
    this.#stopped = stopped
  }

  get id(): string {
    return `${this.connector}-${this.number}`
  }

  /** Begins; `stop` tells when it has ended. */
  start(): void {
    this.#done = this.#run()
  }

  pause(): void {
    this.#paused = true
    this.#turn.abort()
  }

  resume(): void {
    this.#paused = false
    this.#turn.abort()
  }

  /** Ends the task and resolves once it has released everything; a plugin that doesn't come back is left behind after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopped.abort()
    this.#turn.abort()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs)
    })
    const outcome = await Promise.race([this.#done, late])
    clearTimeout(timer)
    if (outcome === 'late') this.log.error(`Graceful stop of task ${this.id} failed.`)
  }

  async #run(): Promise<void> {
    try {
      await this.#work.start()
      while (!this.#stopped.signal.aborted) {
        if (this.#turn.signal.aborted) this.#turn = new AbortController()
        const paused = this.#paused
        this.state = paused ? 'PAUSED' : 'RUNNING'
        await this.#work.turn(this.#turn.signal, paused)
      }
      await this.#work.finish()
      this.state = 'UNASSIGNED'
    } catch (error) {
      this.fail(error)
    }
    await this.#work.release()
  }

  /** Puts the task into the state FAILED. */
  fail(error: unknown): void {
    this.state = 'FAILED'
    this.trace = traceOf(error)
    const next = 'Task is being killed and will not recover until manually restarted'
    this.log.error(
      `WorkerTask{id=${this.id}} Task threw an uncaught and unrecoverable exception. ${next}\n${this.trace.trimEnd()}`,
    )
  }
}

/** Waits until the signal is aborted. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Stops a plugin's task, whose failure to stop is only told of. @param name what the log calls it */
export const stopTask = async (task: SourceTask | SinkTask, log: Log, name: string): Promise<void> => {
  try {
    await task.stop()
  } catch (error) {
    log.warn(`${name} Could not stop task: ${messageOf(error)}`)
  }
}

/** Waits for a promise, or for `timeoutMs`. @returns whether it came in time */
export const within = async (promise: Promise<unknown>, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
