import { KafkaError } from '../../protocol/errors.ts'

/** What a request over several things got for each: the value, or Kafka's error. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: KafkaError }

/** Runs `action`; a KafkaError becomes its outcome, anything else is thrown on. */
export function outcomeOf<T>(action: () => T): Outcome<T> {
  try {
    return { ok: true, value: action() }
  } catch (error) {
    if (error instanceof KafkaError) return { ok: false, error }
    throw error
  }
}
