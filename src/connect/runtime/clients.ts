/** The clients of tasks, with the configs they have in Java's worker. */
import { connectAdmin } from '../../client/admin/connect.ts'
import { Consumer } from '../../client/consumer/consumer.ts'
import type { ConsumerSettings } from '../../client/consumer/settings.ts'
import { Producer } from '../../client/producer/producer.ts'
import type { ProducerSettings } from '../../client/producer/settings.ts'
import type { Admin } from '../../client/types.ts'
import { adminConfig, consumerConfig, producerConfig } from '../../config/client-config.ts'
import type { Props } from '../api/config.ts'
import { type WorkerConfig, withPrefix } from '../config/worker-config.ts'
import type { Log } from './log.ts'

const LONGEST_MS = '9223372036854775807'
const LONG_MS = '2147483647'

/** What clients of one connector are made from. */
export interface ClientSource {
  readonly worker: WorkerConfig
  /** The connector's configs, for `producer.override.` and the like. */
  readonly props: Props
  readonly log: Log
}

const bootstrap = (worker: WorkerConfig): string => worker.list('bootstrap.servers').join(',')

const connectorProps = ({ worker, props }: ClientSource, kind: 'producer' | 'consumer' | 'admin'): Props => ({
  ...withPrefix(worker.props, `${kind}.`),
  ...withPrefix(props, `${kind}.override.`),
})

const warner =
  (log: Log) =>
  (message: string): void =>
    log.warn(message)

/**
 * A producer that loses nothing and keeps the order: acks=all, one request at a time, no end of trying.
 * @param clientId `connector-producer-NAME-0`
 */
export const openProducer = async (
  source: ClientSource,
  clientId: string,
  onError: ProducerSettings['onError'],
): Promise<Producer> => {
  const config = await producerConfig({
    'bootstrap.servers': bootstrap(source.worker),
    'max.block.ms': LONGEST_MS,
    'enable.idempotence': 'false',
    acks: 'all',
    'max.in.flight.requests.per.connection': '1',
    'delivery.timeout.ms': LONG_MS,
    'client.id': clientId,
    ...connectorProps(source, 'producer'),
  })
  return new Producer({ ...config, warn: warner(source.log), onError })
}

/** @param clientId `connector-consumer-NAME-0` */
export const openConsumer = async (
  source: ClientSource,
  groupId: string,
  clientId: string,
  beforeRevoke: ConsumerSettings['beforeRevoke'],
): Promise<{ consumer: Consumer; maxPollRecords: number }> => {
  const config = await consumerConfig({
    'bootstrap.servers': bootstrap(source.worker),
    'group.id': groupId,
    'auto.offset.reset': 'earliest',
    'client.id': clientId,
    ...connectorProps(source, 'consumer'),
    'enable.auto.commit': 'false',
  })
  const consumer = new Consumer({ ...config, warn: warner(source.log), beforeRevoke })
  return { consumer, maxPollRecords: config.maxPollRecords }
}

/** @param clientId `connector-adminclient-NAME-0` */
export const openAdmin = async (source: ClientSource, clientId: string): Promise<Admin> => {
  const config = await adminConfig({
    'bootstrap.servers': bootstrap(source.worker),
    'client.id': clientId,
    ...connectorProps(source, 'admin'),
  })
  return connectAdmin({ ...config, warn: warner(source.log) })
}
