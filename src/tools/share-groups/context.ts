import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { ShareGroupDescription } from '../../client/share-group-types.ts'
import type { Admin } from '../../client/types.ts'
import { wrappedError } from '../consumer-groups/context.ts'
import { type GroupKind, groupsOfKind } from '../shared/typed-groups.ts'
import { spec, states } from './options.ts'

/** What every action works with. */
export interface ShareGroupContext {
  admin: Admin
  options: OptionSet
  io: Io
}

export const kind: GroupKind = { spec, type: 'share', states }

/** The groups `--group` names, or all with `--all-groups`. */
export const chosenGroups = async ({ admin, options }: ShareGroupContext): Promise<string[]> =>
  options.has('all-groups')
    ? (await groupsOfKind(admin, kind)).map(({ groupId }) => groupId)
    : [...new Set(options.texts('group'))]

/** Descriptions in the order of their names; the first error ends it. */
export const describeAll = async (
  { admin }: ShareGroupContext,
  groups: readonly string[],
): Promise<ShareGroupDescription[]> => {
  if (groups.length === 0) return []
  const described = await admin.describeShareGroups([...groups]).catch((error: unknown) => {
    throw wrappedError(error)
  })
  return [...described]
    .map(([, result]) => {
      if (!result.ok) throw wrappedError(result.error)
      return result.value
    })
    .sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}
