import type { Io } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith } from '../shared/connect.ts'
import { runGroupAction } from '../shared/group-command.ts'
import { withTimeout } from '../shared/group-timeout.ts'
import { listGroupsOfKind } from '../shared/typed-groups.ts'
import { checkOptions } from './check.ts'
import { kind, type ShareGroupContext } from './context.ts'
import { spec } from './options.ts'

export { spec }

const act = async (context: ShareGroupContext): Promise<void> => {
  const { admin, options, io } = context
  if (options.has('list')) return listGroupsOfKind(kind, admin, options, io)
  if (options.has('describe')) return (await import('./describe.ts')).describeGroups(context)
  const change = await import('./change.ts')
  if (options.has('delete')) await change.deleteGroups(context)
  else if (options.has('reset-offsets')) await change.resetOffsets(context)
  else await change.deleteOffsets(context)
}

/** `kafka-share-groups.sh` with these arguments; resolves with the exit code, which is 0 even when the action failed. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOptions(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  checkOptions(options, io)
  const work = async (): Promise<void> =>
    usingAdmin(connect(await withTimeout(options, io), io), (admin) => act({ admin, options, io }))
  await runGroupAction(spec, 'share group', io, work)
  return 0
}
