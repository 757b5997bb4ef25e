import type { CommandSpec } from '../../cli/option-spec.ts'
import { usageExit } from '../../cli/usage.ts'
import { hashOrder, stringHash } from './java-hash.ts'

/**
 * The group id of the places that name one.
 * @param configOption the option of the properties file, as the message calls it
 * @throws CommandExit when they differ
 */
export const oneGroupId = (
  spec: CommandSpec,
  configOption: string,
  given: readonly (string | undefined)[],
): string | undefined => {
  const ids = [...new Set(given.filter((id): id is string => id !== undefined))]
  if (ids.length <= 1) return ids[0]
  const detected = hashOrder(ids, stringHash).map((id) => `'${id}'`)
  return usageExit(
    spec,
    `The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--${configOption}') do not match. Detected group ids: ${detected.join(', ')}`,
  )
}
