import { errorHints, javaText } from '../../cli/run-command.ts'

/**
 * What Java's `future.get()` throws for a call that failed: its message is the class and message of the cause, and so Kafka's
 * tools print it.
 */
export class ExecutionError extends Error {
  override name = 'ExecutionError'
  readonly exceptionClass = 'java.util.concurrent.ExecutionException'
  /** What the call failed with. */
  readonly failure: unknown
  readonly detail: string

  constructor(failure: unknown) {
    super(javaText(failure), { cause: failure })
    this.failure = failure
    this.detail = errorHints(failure).join('\n')
  }
}

/** Waits for a call; its error becomes an ExecutionError. */
export const execute = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    throw new ExecutionError(error)
  }
}
