import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { parseKeyValues, usageExit } from '../../cli/usage.ts'
import { clientProperties, loadProperties, type Properties } from '../shared/connect.ts'
import { spec } from './options.ts'

/** The option of a pair that is deprecated when it was given, else its successor. */
export const chosen = (options: OptionSet, deprecated: string, successor: string): string =>
  options.has(deprecated) ? deprecated : successor

const exclusive = (options: OptionSet, a: string, b: string): void => {
  if (options.has(a) && options.has(b)) usageExit(spec, `Options --${a} and --${b} cannot be specified together.`)
}

const successors: readonly (readonly [deprecated: string, successor: string])[] = [
  ['producer-property', 'command-property'],
  ['producer.config', 'command-config'],
  ['property', 'reader-property'],
]

/**
 * Refuses options that exclude each other and collects the warnings for deprecated ones, in Kafka's order.
 * @returns lines for standard output, where Kafka prints them
 */
export const checkDeprecated = (options: OptionSet): string[] => {
  exclusive(options, 'command-config', 'producer.config')
  exclusive(options, 'command-property', 'producer-property')
  exclusive(options, 'reader-property', 'property')
  const warnings = successors
    .filter(([deprecated]) => options.has(deprecated))
    .map(
      ([deprecated, successor]) =>
        `Warning: --${deprecated} is deprecated and will be removed in a future version. Use --${successor} instead.`,
    )
  if (options.has('max-partition-memory-bytes')) {
    warnings.push(
      'Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka 5.0. Use --batch-size instead.',
    )
  }
  return warnings
}

/** Options that set a producer config; the later of two for the same config wins when it was given. */
const merged: readonly (readonly [config: string, option: string])[] = [
  ['linger.ms', 'timeout'],
  ['acks', 'request-required-acks'],
  ['request.timeout.ms', 'request-timeout-ms'],
  ['retries', 'message-send-max-retries'],
  ['retry.backoff.ms', 'retry-backoff-ms'],
  ['send.buffer.bytes', 'socket-buffer-size'],
  ['buffer.memory', 'max-memory-bytes'],
  ['batch.size', 'batch-size'],
  ['batch.size', 'max-partition-memory-bytes'],
  ['metadata.max.age.ms', 'metadata-expiry-ms'],
  ['max.block.ms', 'max-block-ms'],
]

const compression = (options: OptionSet): string =>
  options.has('compression-codec') ? options.text('compression-codec') || 'gzip' : 'none'

/**
 * Batch size in bytes when nobody asks for one. Kafka's tool takes 16 KiB; a pipe full of lines goes several times faster in larger
 * batches, and whoever types by hand is served by linger.ms as before. A topic that takes less gets them split.
 */
const DEFAULT_BATCH_BYTES = 900_000

/** What the producer is configured with: the file, then properties, then options that were given or have a default. */
export const producerProperties = async (options: OptionSet, bootstrap: string, io: Io): Promise<Properties> => {
  const file = options.text(chosen(options, 'producer.config', 'command-config'))
  const properties = await clientProperties(io, file, options.text('bootstrap-server'))
  const pairs = options.texts(chosen(options, 'producer-property', 'command-property'))
  for (const [key, value] of parseKeyValues(pairs)) properties.set(key, value)
  properties.set('bootstrap.servers', bootstrap)
  properties.set('compression.type', compression(options))
  if (!properties.has('client.id')) properties.set('client.id', 'console-producer')
  const isSizeGiven =
    properties.has('batch.size') || ['batch-size', 'max-partition-memory-bytes'].some((option) => options.has(option))
  for (const [config, option] of merged) {
    if (options.has(option) || !properties.has(config)) properties.set(config, String(options.value(option)))
  }
  if (!isSizeGiven && Number(properties.get('buffer.memory')) >= DEFAULT_BATCH_BYTES) {
    properties.set('batch.size', String(DEFAULT_BATCH_BYTES))
  }
  return properties
}

/** What the line reader is configured with. */
export const readerProperties = async (options: OptionSet): Promise<Properties> => {
  const file = options.text('reader-config')
  const properties: Properties = file === undefined ? new Map() : await loadProperties(file)
  properties.set('topic', options.text('topic') ?? '')
  for (const [key, value] of parseKeyValues(options.texts(chosen(options, 'property', 'reader-property')))) {
    properties.set(key, value)
  }
  return properties
}
