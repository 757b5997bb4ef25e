import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { parseKeyValues, requireOptions, usageExit } from '../../cli/usage.ts'
import { clientProperties, type Properties } from '../shared/connect.ts'
import { oneGroupId } from '../shared/group-id.ts'
import { successorOf } from '../shared/successor.ts'
import { spec } from './options.ts'

const exclusive = (options: OptionSet, a: string, b: string): void => {
  if (options.has(a) && options.has(b)) usageExit(spec, `Options --${a} and --${b} cannot be specified together.`)
}

const groupId = (options: OptionSet, fromFile: Properties, extra: Properties): string =>
  oneGroupId(spec, 'consumer-config', [options.text('group'), fromFile.get('group.id'), extra.get('group.id')]) ??
  'console-share-consumer'

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
