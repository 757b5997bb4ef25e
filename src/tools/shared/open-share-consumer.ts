import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { ShareConsumer } from '../../client/share-consumer/share-consumer.ts'
import type { Properties } from './connect.ts'
import { constructConsumer } from './constructed.ts'

const oneOf = <const T extends string>(properties: Properties, name: string, values: readonly T[]): T => {
  const text = (properties.get(name) ?? values[0]!).toLowerCase() as T
  if (values.includes(text)) return text
  const message = `Invalid value ${text} for configuration ${name}: it must be one of ${values.join(', ')}`
  throw Object.assign(new Error(message), { exceptionClass: 'org.apache.kafka.common.config.ConfigException' })
}

/** What share groups know nothing of. */
const foreign = [
  ...[
    'auto.offset.reset',
    'enable.auto.commit',
    'group.instance.id',
    'isolation.level',
    'partition.assignment.strategy',
  ],
  ...['interceptor.classes', 'session.timeout.ms', 'heartbeat.interval.ms', 'group.protocol', 'group.remote.assignor'],
]

/** Kafka's ShareConsumerConfig takes none of them. */
const refuseForeign = (properties: Properties): void => {
  const found = foreign.filter((name) => properties.has(name))
  if (found.length === 0) return
  throw Object.assign(new Error(`${found.join(', ')} cannot be set when using a share group.`), {
    exceptionClass: 'org.apache.kafka.common.config.ConfigException',
  })
}

/** Opens a share consumer with Java properties. */
export const openShareConsumer = async (properties: Properties, io: Io): Promise<ShareConsumer> => {
  refuseForeign(properties)
  const [{ ShareConsumer: Consumer }, config] = await Promise.all([
    import('../../client/share-consumer/share-consumer.ts'),
    constructConsumer(properties, 'Failed to construct Kafka share consumer'),
  ])
  return new Consumer({
    ...config,
    groupId: config.groupId ?? '',
    acknowledgementMode: oneOf(properties, 'share.acknowledgement.mode', ['implicit', 'explicit']),
    acquireMode: oneOf(properties, 'share.acquire.mode', ['batch_optimized', 'record_limit']),
    warn: (message) => println(io.err, `WARN ${message}`),
  })
}
