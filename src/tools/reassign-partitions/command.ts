import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage, javaText } from '../../cli/run-command.ts'
import { helpOrVersion } from '../../cli/usage.ts'
import { ClientError } from '../../client/client-error.ts'
import type { Admin } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { type Connect, clientProperties, commandProperties, connectWith, type Properties } from '../shared/connect.ts'
import { type Action, checkOptions } from './check.ts'
import type { ReassignContext } from './context.ts'
import { TerseError } from './errors.ts'
import { spec } from './options.ts'

export { spec }

const act = async (action: Action, context: ReassignContext): Promise<void> => {
  if (action === 'generate') return (await import('./generate.ts')).generate(context)
  const actions = await import('./actions.ts')
  await actions[action](context)
}

const propertiesOf = async (options: OptionSet, io: Io): Promise<Properties> => {
  const controller = options.text('bootstrap-controller')
  if (controller === undefined) return commandProperties(options, io)
  const file = options.text('command-config')
  const properties = await clientProperties(io, file, controller)
  return properties.set('bootstrap.servers', controller)
}

/** `kafka-reassign-partitions.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOptions(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  const action = checkOptions(options, io)
  let admin: Admin | undefined
  try {
    const properties = await propertiesOf(options, io)
    if (!properties.has('client.id')) properties.set('client.id', 'reassign-partitions-tool')
    admin = await connect(properties, io)
    await act(action, { admin, options, io })
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    // Kafka's tool writes its errors to standard output.
    const isTerse = error instanceof TerseError
    // What the client says comes out of a Java future, with its class before it.
    const isWrapped = error instanceof KafkaError || error instanceof ClientError
    println(io.out, `${isTerse ? '' : 'Error: '}${isWrapped ? javaText(error) : errorMessage(error)}`)
    for (const hint of errorHints(error)) println(io.out, hint)
    debugStack(io, error)
    return 1
  } finally {
    await admin?.close()
  }
}
