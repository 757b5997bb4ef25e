import type { ArgparseValues } from '../../cli/argparse.ts'
import type { Io } from '../../cli/io.ts'
import { plainly } from '../../cli/run-command.ts'
import type { Admin } from '../../client/types.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { type Connect, connectionProperties, connectWith, loadProperties, NoSuchFileError } from '../shared/connect.ts'
import { addController, removeController } from './controller.ts'
import { describeReplication, describeStatus } from './describe.ts'
import { parser, spec } from './options.ts'

export { spec }

const describe = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const [status, replication] = [values.has('status'), values.has('replication')]
  if (status && replication) {
    throw new Error('Only one of --status or --replication should be specified with describe sub-command')
  }
  if (replication) return describeReplication(admin, values, io)
  if (!status) throw new Error('One of --status or --replication must be specified with describe sub-command')
  if (values.has('human-readable')) {
    throw new Error('The option --human-readable is only supported along with --replication')
  }
  await describeStatus(admin, values, io)
}

const act = async (values: ArgparseValues, io: Io, connect: Connect): Promise<void> => {
  const configFile = values.text('command-config')
  const [server, controller] = [values.text('bootstrap-server'), values.text('bootstrap-controller')]
  const isAdding = values.command === 'add-controller'
  let properties: Awaited<ReturnType<typeof connectionProperties>>
  try {
    properties = await connectionProperties({ server, controller, configFile }, io)
  } catch (error) {
    if (!(error instanceof NoSuchFileError)) throw error
    throw new Error(`Properties file ${configFile} does not exists!`, { cause: error })
  }
  await usingAdmin(connect(properties, io), async (admin) => {
    if (values.command === 'describe') await describe(admin, values, io)
    else if (!isAdding) await removeController(admin, values, io)
    else if (configFile !== undefined) await addController(admin, values, await loadProperties(configFile), io)
    else {
      throw new Error(
        'You must supply the configuration file of the controller you are adding when using add-controller.',
      )
    }
  })
}

/** `kafka-metadata-quorum.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  return plainly(io, () => act(values, io, connect))
}
