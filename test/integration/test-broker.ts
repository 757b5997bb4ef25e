import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUuid } from '../../src/base/random-uuid.ts'
import { connectAdmin } from '../../src/client/admin/connect.ts'
import { connectKafkaJs } from '../../src/client/kafkajs.ts'
import {
  type EmbeddedBroker,
  type StartBrokerOptions,
  startBroker,
  type TopicOptions,
} from '../../src/embedded/index.ts'

/** Do tests run on a real Kafka? `npm run on-kafka` says so; they leave out what only an embedded broker has. */
export const onKafka = process.env.KT_TEST_BROKER === 'kafka'

type Options = Pick<StartBrokerOptions, 'properties' | 'topics'>

/** What tests use of a broker, whichever it is. */
export type TestBroker = Pick<
  EmbeddedBroker,
  'bootstrapServers' | 'port' | 'dataDir' | 'clusterId' | 'createTopic' | 'kafkajs' | 'stop'
>

/** A broker of a test's own: the embedded one, in this process, or a real Kafka from KAFKA_HOME. */
export const startTestBroker = async (options: Options = {}): Promise<TestBroker> =>
  onKafka ? startKafka(options) : startBroker(options)

async function startKafka({ properties = {}, topics = [] }: Options): Promise<TestBroker> {
  if (!process.env.KAFKA_HOME) throw new Error('KAFKA_HOME has to name the folder of a Kafka 4.3 distribution.')
  const { startNode } = await import('../interop/node-process.ts')
  const dir = await mkdtemp(join(tmpdir(), 'kt-on-kafka-'))
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  const node = await startNode('kafka', dir, lines, randomUuid())
  const [host, port] = ['localhost', Number(node.bootstrap.split(':')[1])]
  const bootstrapServers = [{ host, port }]
  const admin = await connectAdmin({ bootstrapServers })
  const create = async (name: string, options: TopicOptions = {}): Promise<void> => {
    const { partitions, configs = {} } = options
    const topic = { name, numPartitions: partitions, configs: new Map(Object.entries(configs)) }
    const created = (await admin.createTopics([topic])).get(name)!
    if (!created.ok) throw created.error
    // Kafka says so before its partitions have a leader that takes records, and kafkajs writes some twice then.
    const all = Array.from({ length: created.value.numPartitions }, (_, partition) => ({ topic: name, partition }))
    await admin.listOffsets(new Map(all.map((one) => [one, 'latest'])))
  }
  for (const topic of topics) await (typeof topic === 'string' ? create(topic) : create(topic.name, topic))
  return {
    bootstrapServers: node.bootstrap,
    port,
    dataDir: node.dataDir,
    clusterId: node.clusterId,
    createTopic: create,
    kafkajs: (config) => connectKafkaJs({ bootstrapServers, warn: () => {} }, config),
    stop: async () => {
      await admin.close()
      // The data goes too, so there is nothing to end gracefully for.
      await node.stop('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}
