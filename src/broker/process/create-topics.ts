import { Connection } from '../../net/connection.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/generated/19-create-topics.ts'

/** A topic to create. */
export interface TopicSpec {
  name: string
  /** Default: the broker's num.partitions. */
  partitions?: number
  /** Default: the broker's default.replication.factor. */
  replicationFactor?: number
  configs?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 30_000

/**
 * Creates topics over the broker's own protocol.
 * @throws KafkaError with the broker's words for the first topic that is refused; those before it exist then
 */
export async function createTopics(host: string, port: number, topics: readonly TopicSpec[]): Promise<void> {
  if (topics.length === 0) return
  const connection = await Connection.open({
    host,
    port,
    clientId: 'kt-embedded',
    setupTimeoutMs: TIMEOUT_MS,
    requestTimeoutMs: TIMEOUT_MS,
  })
  try {
    const response = await connection.send(CreateTopicsRequest, CreateTopicsResponse, {
      timeoutMs: TIMEOUT_MS,
      topics: topics.map(({ name, partitions = -1, replicationFactor = -1, configs = {} }) => ({
        name,
        numPartitions: partitions,
        replicationFactor,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
    })
    for (const { name, errorCode, errorMessage } of response.topics) {
      if (errorCode !== ErrorCode.NONE)
        throw new KafkaError(errorCode, errorMessage ?? `Topic ${name} was not created.`)
    }
  } finally {
    connection.close()
  }
}
