import { randomUuid } from '../../base/random-uuid.ts'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { debugStack, errorHints, errorMessage } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether, usageExit } from '../../cli/usage.ts'
import type { Admin, AlterConfigOp, ConfigEntry, ConfigResource } from '../../client/types.ts'
import { runPlainly, withAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith, NoSuchFileError } from '../shared/connect.ts'
import { NumberFormatError, parseJavaInt } from '../shared/java.ts'
import { unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

const resourceOf = (name: string): ConfigResource => ({ type: 'client-metrics', name })

const namesOf = async (admin: Admin): Promise<string[]> =>
  (await admin.listConfigResources(['client-metrics'])).map(({ name }) => name)

const entriesOf = async (admin: Admin, name: string): Promise<ConfigEntry[]> => {
  const [entries] = unwrapAll(await admin.describeConfigs([resourceOf(name)]))
  return entries ?? []
}

const alter = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const name = options.has('generate-name') ? randomUuid() : (options.text('name') ?? '')
  const settings: [string, string][] = []
  if (options.has('interval')) settings.push(['interval.ms', options.text('interval') ?? ''])
  for (const key of ['metrics', 'match']) if (options.has(key)) settings.push([key, options.texts(key).join(',')])
  const changes = settings.map(
    ([key, value]): AlterConfigOp => ({ name: key, op: value === '' ? 'delete' : 'set', value }),
  )
  unwrapAll(await admin.incrementalAlterConfigs(new Map([[resourceOf(name), changes]])))
  println(io.out, `Altered client metrics config for ${name}.`)
}

const deleteResource = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const name = options.text('name') ?? ''
  const changes = (await entriesOf(admin, name)).map(
    (entry): AlterConfigOp => ({ name: entry.name, op: 'delete', value: entry.value }),
  )
  unwrapAll(await admin.incrementalAlterConfigs(new Map([[resourceOf(name), changes]])))
  println(io.out, `Deleted client metrics config for ${name}.`)
}

const describe = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const given = options.text('name')
  const names = await namesOf(admin)
  if (given !== undefined && !names.includes(given)) {
    const missing = `The client metric resource ${given} doesn't exist and doesn't have dynamic config.`
    println(io.out, missing)
    io.failed?.(new Error(missing), { subscription: given })
    return
  }
  const format = outputFormat(options, io)
  const rows: { subscription: string; name: string; value: string | null }[] = []
  for (const resource of given === undefined ? names : [given]) {
    if (format === undefined) println(io.out, `Client metrics configs for ${resource} are:`)
    for (const { name, value } of await entriesOf(admin, resource)) {
      if (format === undefined) println(io.out, `  ${name}=${value}`)
      else rows.push({ subscription: resource, name, value })
    }
  }
  if (format !== undefined) await printStructured(io, format, rows, ['subscription', 'name', 'value'])
}

const list = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const names = await namesOf(admin)
  const format = outputFormat(options, io)
  if (format === undefined) println(io.out, names.join('\n'))
  else {
    await printStructured(
      io,
      format,
      names.map((subscription) => ({ subscription })),
      ['subscription'],
    )
  }
}

const checkInterval = (options: OptionSet): void => {
  const text = options.text('interval')
  if (text === undefined || text === '') return
  try {
    parseJavaInt(text)
  } catch (error) {
    if (!(error instanceof NumberFormatError)) throw error
    throw new Error('Invalid interval value. Enter an integer, or leave empty to reset.')
  }
}

/** The checks of ClientMetricsCommandOptions, in Kafka's order. */
const checkOptions = (options: OptionSet, io: Io): void => {
  if (['alter', 'delete', 'describe', 'list'].filter((action) => options.has(action)).length !== 1) {
    usageExit(spec, 'Command must include exactly one action: --alter, --delete, --describe or --list.')
  }
  if (!options.has('bootstrap-server') && !mayOmitBootstrap(io))
    throw new Error('--bootstrap-server must be specified.')
  const settings = ['generate-name', 'interval', 'match', 'metrics']
  for (const action of ['delete', 'describe']) forbidTogether(spec, options, action, settings)
  forbidTogether(spec, options, 'list', ['name', ...settings])
  if (options.has('alter')) {
    if (options.has('name') === options.has('generate-name')) {
      throw new Error('One of --name or --generate-name must be specified with --alter.')
    }
    checkInterval(options)
  }
  if (options.has('delete') && !options.has('name')) {
    throw new Error('A client metrics resource name must be specified with --delete.')
  }
}

/** `kafka-client-metrics.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    async (options) => {
      checkOptions(options, io)
      const act = options.has('alter')
        ? alter
        : options.has('delete')
          ? deleteResource
          : options.has('describe')
            ? describe
            : list
      try {
        await withAdmin({ options, io, connect }, (admin) => act(admin, options, io))
      } catch (error) {
        if (error instanceof CommandExit || error instanceof NoSuchFileError) throw error
        println(io.out, `Error while executing client metrics command : ${errorMessage(error)}`)
        debugStack(io, error)
        const hints = errorHints(error).map((hint) => `${hint}\n`)
        throw new CommandExit(1, hints.join(''))
      }
    },
  )
