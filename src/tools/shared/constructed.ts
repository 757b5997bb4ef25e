import { errorHints, errorMessage } from '../../cli/run-command.ts'
import { requireResolvable } from '../../client/bootstrap-names.ts'
import type { BootstrapServer } from '../../config/bootstrap-servers.ts'
import type { ConsumerConfig, ProducerConfig } from '../../config/client-config.ts'
import type { Properties } from './connect.ts'

/** What Java's clients say when they can't be made. */
export type Failure =
  | 'Failed to create new KafkaAdminClient'
  | 'Failed to construct kafka consumer'
  | 'Failed to construct kafka producer'
  | 'Failed to construct Kafka share consumer'

/** A client that can't be made because of its addresses, in Java's words; what was wrong with them comes after. */
export const notConstructed = (failure: Failure, cause: unknown): Error =>
  Object.assign(new Error(failure, { cause }), {
    exceptionClass: 'org.apache.kafka.common.KafkaException',
    detail: [errorMessage(cause), ...errorHints(cause)].join('\n'),
  })

/**
 * Java's clients look their addresses up when they are made.
 * @throws Error with `failure` when there is none whose host is known
 */
export const requireKnownHost = async (servers: readonly BootstrapServer[], failure: Failure): Promise<void> => {
  try {
    await requireResolvable(servers)
  } catch (error) {
    throw notConstructed(failure, error)
  }
}

/** The checked configuration of a consumer, or of another client that is configured like one. */
export const constructConsumer = async (
  properties: Properties,
  failure: Failure = 'Failed to construct kafka consumer',
): Promise<ConsumerConfig> => {
  const { consumerConfig } = await import('../../config/client-config.ts')
  const config = await consumerConfig(properties)
  await requireKnownHost(config.bootstrapServers, failure)
  return config
}

/** The checked configuration of a producer. */
export const constructProducer = async (properties: Properties): Promise<ProducerConfig> => {
  const { producerConfig } = await import('../../config/client-config.ts')
  const config = await producerConfig(properties)
  await requireKnownHost(config.bootstrapServers, 'Failed to construct kafka producer')
  return config
}
