export const LOG_LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where the log of all workers' parts goes, and from what level on. */
export class LogTarget {
  level: LogLevel
  /** When `level` was changed last, in ms since 1970; null: never. */
  changedAtMs: number | null = null
  readonly #write: (line: string) => void

  /** @param write gets finished lines with their end */
  constructor(write: (line: string) => void, level: LogLevel = 'INFO') {
    this.#write = write
    this.level = level
  }

  log(level: LogLevel, context: string, message: string): void {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(this.level)) return
    const time = new Date().toISOString().replace('T', ' ').replace('.', ',').slice(0, -1)
    this.#write(`[${time}] ${level} ${context}${message}\n`)
  }
}

/** Lines as Connect's log4j pattern has them: `[time] LEVEL [connector|task-0] message`. */
export class Log {
  readonly target: LogTarget
  readonly #context: string

  /** @param context as Kafka's connector.context: empty, or `[name|worker] ` */
  constructor(target: LogTarget, context = '') {
    this.target = target
    this.#context = context
  }

  /** The log of a connector (`scope` 'worker') or of a task ('task-0'). */
  of(connector: string, scope: string): Log {
    return new Log(this.target, `[${connector}|${scope}] `)
  }

  error(message: string): void {
    this.target.log('ERROR', this.#context, message)
  }

  warn(message: string): void {
    this.target.log('WARN', this.#context, message)
  }

  info(message: string): void {
    this.target.log('INFO', this.#context, message)
  }

  debug(message: string): void {
    this.target.log('DEBUG', this.#context, message)
  }
}
