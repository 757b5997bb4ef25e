import type { Result } from '../../client/types.ts'

/** The value of a result; its error is thrown. A missing result is a fault of the client. */
export const unwrap = <T>(result: Result<T> | undefined): T => {
  if (result === undefined) throw new Error('the client gave no answer for one of the things asked')
  if (!result.ok) throw result.error
  return result.value
}

/** All values, or the first error thrown. */
export const unwrapAll = <K, T>(results: ReadonlyMap<K, Result<T>>): T[] => [...results.values()].map(unwrap)
