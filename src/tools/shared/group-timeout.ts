import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { wrappedError } from '../consumer-groups/context.ts'
import { commandProperties, NoSuchFileError } from './connect.ts'

/** --timeout bounds requests, as the Java tool gives it to every call. */
export const withTimeout = async (options: OptionSet, io: Io): Promise<Map<string, string>> => {
  const properties = await commandProperties(options, io).catch((error: unknown) => {
    throw error instanceof NoSuchFileError ? wrappedError(error) : error
  })
  return properties.set('default.api.timeout.ms', String(options.long('timeout') ?? 30_000n))
}
