import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { parseKeyValues, requireOneOf, requireOptions, usageExit } from '../../cli/usage.ts'
import { clientProperties, type Properties } from '../shared/connect.ts'
import { oneGroupId } from '../shared/group-id.ts'
import { parseJavaLong } from '../shared/java.ts'
import { successorOf } from '../shared/successor.ts'
import { hasBounds, isOwnOffset } from './bounded/own-options.ts'
import { spec } from './options.ts'

/** Where to start in one partition. */
export type StartOffset = 'earliest' | 'latest' | number

export interface ConsumeSettings {
  properties: Properties
  partition: number | undefined
  start: StartOffset
  /** The group that was asked for; without one it is some group that remembers nothing. */
  group: string | undefined
  /** Infinity: no limit. */
  timeoutMs: number
}

const checkRequired = (options: OptionSet, io: Io): void => {
  requireOneOf(spec, options, 'topic', 'include')
  if (options.int('partition') !== undefined) {
    if (!options.has('topic')) usageExit(spec, 'The topic is required when partition is specified.')
    if (options.has('from-beginning') && options.has('offset')) {
      usageExit(spec, 'Options from-beginning and offset cannot be specified together.')
    }
  } else if (options.has('offset')) usageExit(spec, 'The partition is required when offset is specified.')
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
}

const exclusive = (options: OptionSet, a: string, b: string): void => {
  if (options.has(a) && options.has(b)) usageExit(spec, `Options --${a} and --${b} cannot be specified together.`)
}

/** What a fetch takes of one partition when nobody says: Kafka's 1 MiB means eight times the round trips when a topic is read whole. */
const DEFAULT_PARTITION_FETCH_BYTES = 8 * 1024 * 1024

const MERGED_FETCH_BYTES = 256 * 1024

const groupId = (options: OptionSet, fromFile: Properties, extra: Properties): string | undefined => {
  const id = oneGroupId(spec, 'consumer.config', [
    options.text('group'),
    fromFile.get('group.id'),
    extra.get('group.id'),
  ])
  if (id !== undefined && options.int('partition') !== undefined) {
    usageExit(spec, 'Options group and partition cannot be specified together.')
  }
  return id
}

const setOffsetReset = (options: OptionSet, properties: Properties): void => {
  const given = properties.get('auto.offset.reset')
  if (given === undefined) {
    properties.set('auto.offset.reset', options.has('from-beginning') || hasBounds(options) ? 'earliest' : 'latest')
  } else if (options.has('from-beginning') && given !== 'earliest') {
    throw new CommandExit(
      1,
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${given}', please remove one option\n`,
    )
  }
}

const startOffset = (options: OptionSet): StartOffset => {
  if (!options.has('offset')) return options.has('from-beginning') ? 'earliest' : 'latest'
  const text = options.text('offset') ?? ''
  const word = text.toLowerCase()
  if (word === 'earliest' || word === 'latest') return word
  try {
    const offset = Number(parseJavaLong(text))
    if (offset >= 0) return offset
  } catch {
    // Told below.
  }
  // Told by the bounds.
  if (isOwnOffset(text)) return 'earliest'
  return usageExit(
    spec,
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  )
}

/**
 * Reads the options in the order of ConsoleConsumerOptions, printing what it prints on the way. `bootstrap.servers` is left to
 * the caller.
 */
export const consumeSettings = async (options: OptionSet, io: Io): Promise<ConsumeSettings> => {
  checkRequired(options, io)
  exclusive(options, 'consumer-property', 'command-property')
  exclusive(options, 'consumer.config', 'command-config')
  const propertyOption = successorOf(options, io, 'consumer-property', 'command-property')
  const configOption = successorOf(options, io, 'consumer.config', 'command-config')
  const file = options.text(configOption)
  const fromFile = await clientProperties(io, file, options.text('bootstrap-server'))
  const extra = parseKeyValues(options.texts(propertyOption))
  const group = groupId(options, fromFile, extra)
  const properties: Properties = new Map([...fromFile, ...extra])
  setOffsetReset(options, properties)
  if (!properties.has('client.id')) properties.set('client.id', 'console-consumer')
  if (options.has('order') && !properties.has('max.partition.fetch.bytes')) {
    // What every partition holds in memory while it is merged with the others.
    properties.set('max.partition.fetch.bytes', String(MERGED_FETCH_BYTES))
  }
  if (!properties.has('max.partition.fetch.bytes')) {
    properties.set('max.partition.fetch.bytes', String(DEFAULT_PARTITION_FETCH_BYTES))
  }
  if (options.has('isolation-level') || !properties.has('isolation.level')) {
    properties.set('isolation.level', options.text('isolation-level') ?? '')
  }
  if (group === undefined) {
    properties.set('group.id', `console-consumer-${Math.floor(Math.random() * 100000)}`)
    if (!properties.has('enable.auto.commit')) properties.set('enable.auto.commit', 'false')
  } else properties.set('group.id', group)
  const start = startOffset(options)
  const timeout = options.long('timeout-ms') ?? -1n
  return {
    properties,
    partition: options.int('partition'),
    start,
    group,
    timeoutMs: timeout >= 0n ? Number(timeout) : Number.POSITIVE_INFINITY,
  }
}
