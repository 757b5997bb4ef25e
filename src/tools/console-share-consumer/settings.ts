import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { parseKeyValues, requireOptions, usageExit } from '../../cli/usage.ts'
import { clientProperties, loadProperties, type Properties } from '../shared/connect.ts'
import { successorOf } from '../shared/successor.ts'
import { spec } from './options.ts'

const exclusive = (options: OptionSet, a: string, b: string): void => {
  if (options.has(a) && options.has(b)) usageExit(spec, `Options --${a} and --${b} cannot be specified together.`)
}

const groupId = (options: OptionSet, fromFile: Properties, extra: Properties): string => {
  const given = [options.text('group'), fromFile.get('group.id'), extra.get('group.id')]
  const ids = [...new Set(given.filter((id): id is string => id !== undefined))]
  if (ids.length > 1) {
    const detected = ids.map((id) => `'${id}'`).join(', ')
    usageExit(
      spec,
      `The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer-config') do not match. Detected group ids: ${detected}`,
    )
  }
  return ids[0] ?? 'console-share-consumer'
}

/** Reads the options of the consumer in Kafka's order. `bootstrap.servers` is left to the caller. */
export const consumerProperties = async (options: OptionSet, io: Io): Promise<Properties> => {
  if (!options.has('topic')) usageExit(spec, '--topic is a required argument')
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  if (options.has('reject') && options.has('release')) {
    usageExit(spec, 'At most one of --reject and --release may be specified.')
  }
  exclusive(options, 'consumer-property', 'command-property')
  exclusive(options, 'consumer-config', 'command-config')
  const propertyOption = successorOf(options, io, 'consumer-property', 'command-property')
  const configOption = successorOf(options, io, 'consumer-config', 'command-config')
  const file = options.text(configOption)
  const fromFile = await clientProperties(io, file, options.text('bootstrap-server'))
  const extra = parseKeyValues(options.texts(propertyOption))
  const group = groupId(options, fromFile, extra)
  const properties: Properties = new Map([...fromFile, ...extra])
  if (!properties.has('client.id')) properties.set('client.id', 'console-share-consumer')
  return properties.set('group.id', group).set('share.acknowledgement.mode', 'explicit')
}

/** What the formatter is configured with. */
export const formatterProperties = async (options: OptionSet, io: Io): Promise<Properties> => {
  exclusive(options, 'property', 'formatter-property')
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
