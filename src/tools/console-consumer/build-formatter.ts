import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { parseKeyValues, usageExit } from '../../cli/usage.ts'
import { loadProperties, type Properties } from '../shared/connect.ts'
import { isModulePath } from '../shared/own-module.ts'
import { successorOf } from '../shared/successor.ts'
import { DefaultFormatter } from './default-formatter.ts'
import type { Deserializer } from './deserializers.ts'
import { type Formatter, noOpFormatter } from './formatter.ts'

const packageName = 'org.apache.kafka.tools.consumer.'

/** Modules that are named instead of deserializer classes, loaded. */
const ownDeserializers = async (properties: Properties): Promise<Map<string, Deserializer>> => {
  const found = new Map<string, Deserializer>()
  for (const part of ['key', 'value', 'headers']) {
    const name = properties.get(`${part}.deserializer`)
    if (name === undefined || !isModulePath(name)) continue
    found.set(name, await (await import('./own-module-formatter.ts')).ownModuleDeserializer(name))
  }
  return found
}

/**
 * The formatter that stands for a Java class, or that a module of the user's gives.
 * @throws Error with the name of a class kt doesn't have, as Java does
 */
const findFormatter = async (className: string, properties: Properties, io: Io): Promise<Formatter> => {
  if (isModulePath(className)) {
    return (await import('./own-module-formatter.ts')).ownModuleFormatter(className, properties)
  }
  const name = className.startsWith(packageName) ? className.slice(packageName.length) : ''
  // LoggingMessageFormatter also writes to a log, which the Java tool's own settings discard.
  if (name === 'DefaultMessageFormatter' || name === 'LoggingMessageFormatter')
    return new DefaultFormatter(properties, io, await ownDeserializers(properties))
  if (name === 'NoOpMessageFormatter') return noOpFormatter
  if (name.endsWith('MessageFormatter')) {
    const { coordinatorFormatter } = await import('./coordinator-formatter.ts')
    const found = await coordinatorFormatter(name)
    if (found !== undefined) return found
  }
  throw new Error(className)
}

/** What the formatter is configured with. */
const formatterProperties = async (spec: CommandSpec, options: OptionSet, io: Io): Promise<Properties> => {
  if (options.has('property') && options.has('formatter-property')) {
    usageExit(spec, 'Options --property and --formatter-property cannot be specified together.')
  }
  const name = successorOf(options, io, 'property', 'formatter-property')
  const file = options.text('formatter-config')
  const properties: Properties = file === undefined ? new Map() : await loadProperties(file)
  for (const part of ['key', 'value']) {
    const deserializer = options.text(`${part}-deserializer`)
    if (deserializer) properties.set(`${part}.deserializer`, deserializer)
  }
  for (const [key, value] of parseKeyValues(options.texts(name))) properties.set(key, value)
  return properties
}

/**
 * The formatter that `--formatter` and its properties ask for, as Kafka's buildFormatter makes it.
 * @throws CommandExit with the usage text, whatever goes wrong
 */
export const buildFormatter = async (spec: CommandSpec, options: OptionSet, io: Io): Promise<Formatter> => {
  try {
    return await findFormatter(options.text('formatter') ?? '', await formatterProperties(spec, options, io), io)
  } catch (error) {
    if (error instanceof CommandExit) throw error
    const { nextStep } = error as { nextStep?: string }
    if (nextStep !== undefined) throw error
    return usageExit(spec, errorMessage(error))
  }
}
