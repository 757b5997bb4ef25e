import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { ShareConsumer } from '../../client/share-consumer/share-consumer.ts'
import type { Properties } from './connect.ts'

const oneOf = <const T extends string>(properties: Properties, name: string, values: readonly T[]): T => {
  const text = (properties.get(name) ?? values[0]!).toLowerCase() as T
  if (values.includes(text)) return text
  const message = `Invalid value ${text} for configuration ${name}: it must be one of ${values.join(', ')}`
  throw Object.assign(new Error(message), { exceptionClass: 'org.apache.kafka.common.config.ConfigException' })
}

/** Opens a share consumer with Java properties. */
export const openShareConsumer = async (properties: Properties, io: Io): Promise<ShareConsumer> => {
  const [{ ShareConsumer: Consumer }, { consumerConfig }] = await Promise.all([
    import('../../client/share-consumer/share-consumer.ts'),
    import('../../config/client-config.ts'),
  ])
  const config = await consumerConfig(properties)
  return new Consumer({
    ...config,
    groupId: config.groupId ?? '',
    acknowledgementMode: oneOf(properties, 'share.acknowledgement.mode', ['implicit', 'explicit']),
    acquireMode: oneOf(properties, 'share.acquire.mode', ['batch_optimized', 'record_limit']),
    warn: (message) => println(io.err, `WARN ${message}`),
  })
}
