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

/** Java resolves the addresses when the client is made, kt with the first call. */
const isUnresolved = (error: unknown): error is Error => (error as { reason?: string }).reason === 'dns'

/** Waits for a call; its error becomes an ExecutionError. */
export const execute = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    if (isUnresolved(error)) {
      throw Object.assign(new Error('Failed to create new KafkaAdminClient', { cause: error }), {
        detail: [error.message, ...errorHints(error)].join('\n'),
      })
    }
    throw new ExecutionError(error)
  }
}
