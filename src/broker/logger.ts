/** What the broker needs of a logger; pino satisfies it. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Whether lines of a level are written; one that can't say is taken to write them. */
  isLevelEnabled?(level: string): boolean
}

/** Says nothing: for tests and in-process brokers that were not asked to log. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  isLevelEnabled: () => false,
}
