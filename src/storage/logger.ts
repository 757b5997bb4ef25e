/** Where storage reports what an operator should know. Messages name files and positions. */
export interface StorageLogger {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export const silentLogger: StorageLogger = { info: () => {}, warn: () => {}, error: () => {} }
