import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { debugStack, errorHints, errorMessage } from '../../cli/run-command.ts'
import { helpOrVersion, parseOrUsage } from '../../cli/usage.ts'
import { withAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith } from '../shared/connect.ts'
import { addAcls, removeAcls } from './change.ts'
import { checkOptions } from './check.ts'
import { listAcls } from './list.ts'
import { spec } from './options.ts'

export { spec }

/** `kafka-acls.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOrUsage(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  checkOptions(options, io)
  try {
    if (options.has('command-config') && options.text('command-config') === undefined) {
      println(io.out, 'Did not load any properties since the property file is not specified')
    }
    const controller = options.text('bootstrap-controller')
    const act = options.has('add') ? addAcls : options.has('remove') ? removeAcls : listAcls
    await withAdmin({ options, io, connect, controller }, (admin) => act(admin, options, io))
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    println(io.out, `Error while executing ACL command: ${errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.out, hint)
    debugStack(io, error)
    return 1
  }
}
