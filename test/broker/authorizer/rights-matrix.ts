/** Every request, asked by users of different rights: for comparing with what Apache Kafka answers. */
import { setTimeout } from 'node:timers/promises'
import { APIS } from '../../../src/broker/apis/index.ts'
import { PatternType, PermissionType } from '../../../src/broker/authorizer/acl.ts'
import { AclOperation, ResourceType } from '../../../src/broker/authorizer/authorizer.ts'
import type { AnyApi } from '../../../src/broker/define-api.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../../src/protocol/generated/10-find-coordinator.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../../src/protocol/generated/19-create-topics.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../src/protocol/generated/22-init-producer-id.ts'
import { CreateAclsRequest, CreateAclsResponse } from '../../../src/protocol/generated/30-create-acls.ts'
import { TestBroker, TestClient } from '../in-process.ts'
import { logIn } from '../security/fixture.ts'
import { filledRequest, type Names } from './filled-request.ts'

type Resource = 'topic' | 'group' | 'cluster' | 'transactional id' | 'absent group'
const RESOURCE_TYPES: Readonly<Record<Resource, ResourceType>> = {
  topic: ResourceType.TOPIC,
  group: ResourceType.GROUP,
  'absent group': ResourceType.GROUP,
  cluster: ResourceType.CLUSTER,
  'transactional id': ResourceType.TRANSACTIONAL_ID,
}
type Operation = keyof typeof AclOperation

/** What user u0, u1 … may do. */
export const RIGHTS: readonly (readonly [Resource, Operation][])[] = [
  [],
  [['group', 'READ']],
  [['group', 'DESCRIBE']],
  [['topic', 'READ']],
  [['topic', 'DESCRIBE']],
  [['transactional id', 'WRITE']],
  [['transactional id', 'DESCRIBE']],
  [['cluster', 'DESCRIBE']],
  [
    ['group', 'READ'],
    ['topic', 'DESCRIBE'],
  ],
  [
    ['group', 'READ'],
    ['topic', 'READ'],
  ],
  [['topic', 'WRITE']],
  [
    ['topic', 'WRITE'],
    ['transactional id', 'WRITE'],
  ],
  [
    ['group', 'DELETE'],
    ['topic', 'DESCRIBE_CONFIGS'],
  ],
  [
    ['topic', 'ALTER'],
    ['topic', 'CREATE'],
  ],
  [['cluster', 'CLUSTER_ACTION']],
  [['cluster', 'ALTER_CONFIGS']],
  [['cluster', 'DESCRIBE_CONFIGS']],
  [
    ['cluster', 'CREATE'],
    ['cluster', 'IDEMPOTENT_WRITE'],
  ],
  [
    ['group', 'DESCRIBE_CONFIGS'],
    ['group', 'ALTER_CONFIGS'],
    ['topic', 'ALTER_CONFIGS'],
  ],
  [
    ['group', 'DESCRIBE'],
    ['topic', 'READ'],
  ],
  [
    ['group', 'DELETE'],
    ['topic', 'READ'],
  ],
]

const TOPIC = 'kept-topic'
const GROUP = 'kept-group'
const TRANSACTIONAL_ID = 'kept-txn'
const PASSWORD = 'x'
const ANSWER_TIMEOUT_MS = 15_000
const RETRY_MS = 200

/** Both need a client per user that answers in order; a client that was closed is made anew. */
export class Side {
  readonly name: string
  readonly plainPort: number
  readonly saslPort: number
  topicId = ''
  private readonly clients = new Map<number, TestClient>()

  constructor(name: string, plainPort: number, saslPort: number) {
    this.name = name
    this.plainPort = plainPort
    this.saslPort = saslPort
  }

  async prepare(): Promise<void> {
    const root = await TestClient.connect(this.plainPort)
    const { topics } = await root.request(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name: TOPIC, numPartitions: 1, replicationFactor: 1 }],
    })
    if (topics[0]?.errorCode !== 0) throw new Error(`${this.name}: ${TOPIC} can't be made: is the broker fresh?`)
    this.topicId = topics[0].topicId
    const names = {
      topic: TOPIC,
      group: GROUP,
      'absent group': 'x',
      cluster: 'kafka-cluster',
      'transactional id': TRANSACTIONAL_ID,
    }
    const creations = RIGHTS.flatMap((rights, user) =>
      rights.map(([resource, operation]) => ({
        resourceType: RESOURCE_TYPES[resource],
        resourceName: names[resource],
        resourcePatternType: PatternType.LITERAL,
        principal: `User:u${user}`,
        host: '*',
        operation: AclOperation[operation],
        permissionType: PermissionType.ALLOW,
      })),
    )
    const { results } = await root.request(CreateAclsRequest, CreateAclsResponse, 3, { creations })
    if (results.some(({ errorCode }) => errorCode !== 0)) throw new Error(`${this.name}: rights can't be given`)
    await Promise.all([GROUP, TRANSACTIONAL_ID].map((key, keyType) => this.awaitCoordinator(key, keyType)))
    root.close()
  }

  /** Makes the coordinator's topic, and waits until it answers. */
  private async awaitCoordinator(key: string, keyType: number): Promise<void> {
    const root = await TestClient.connect(this.plainPort)
    for (let errorCode: number | undefined = -1; errorCode !== 0; await setTimeout(RETRY_MS)) {
      const request = { keyType, coordinatorKeys: [key] }
      const answer = await root.request(FindCoordinatorRequest, FindCoordinatorResponse, 4, request)
      errorCode = answer.coordinators[0]?.errorCode
    }
    const request = {
      transactionalId: TRANSACTIONAL_ID,
      transactionTimeoutMs: 10_000,
      producerId: -1n,
      producerEpoch: -1,
    }
    for (let errorCode = -1; errorCode !== 0; await setTimeout(RETRY_MS)) {
      errorCode = (await root.request(InitProducerIdRequest, InitProducerIdResponse, 5, request)).errorCode
    }
    root.close()
  }

  private async client(user: number): Promise<TestClient> {
    const open = this.clients.get(user)
    if (open) return open
    const client = await TestClient.connect(this.saslPort)
    const { errorCode, errorMessage } = await logIn(client, plainMechanism(`u${user}`, PASSWORD))
    if (errorCode !== 0) throw new Error(`${this.name}: u${user} can't log in: ${errorMessage}`)
    this.clients.set(user, client)
    return client
  }

  /** The answer as text, in words that both brokers would use. */
  async ask(user: number, api: AnyApi, version: number): Promise<string> {
    const names: Names = { topic: TOPIC, group: GROUP, transactionalId: TRANSACTIONAL_ID, topicId: this.topicId }
    const request = filledRequest(api.request.name, version, names)
    const client = await this.client(user)
    const stop = new AbortController()
    const late = setTimeout(ANSWER_TIMEOUT_MS, 'no answer', { signal: stop.signal }).catch(() => '')
    const answer = client.request(api.request, api.response, version, request).then(
      (response) => this.inCommonWords(response),
      () => 'closed',
    )
    const text = await Promise.race([answer, late])
    stop.abort()
    if (text === 'closed' || text === 'no answer') {
      client.close()
      this.clients.delete(user)
    }
    return text
  }

  private inCommonWords(response: unknown): string {
    const text = JSON.stringify(response, (key, value: unknown) => {
      if (VARYING.test(key)) return undefined
      if (typeof value === 'bigint') return String(value)
      return value
    })
    return (
      text
        // Java prints the whole request here, with the address of its object.
        .replaceAll(/Request Request\(.*?\) needs/g, 'Request needs')
        .replaceAll(this.topicId, '<topic id>')
        .replaceAll(new RegExp(`\\b(${this.plainPort}|${this.saslPort}|${this.plainPort + 1})\\b`, 'g'), '<port>')
    )
  }

  close(): void {
    for (const client of this.clients.values()) client.close()
  }
}

/** What no two brokers, or no two runs, have alike. */
const VARYING =
  /^(clusterId|throttleTimeMs|clientInstanceId|subscriptionId|pushIntervalMs|host|port|nodeId|brokerId|leaderId|controllerId|memberId|leader|tokenId|hmac|producerId|logDir|totalBytes|usableBytes|issueTimestampMs|expiryTimestampMs|maxTimestampMs|logAppendTimeMs|rack|replicaNodes|isrNodes|replicaDirectoryId|listeners|finalizedFeaturesEpoch|configs|partitionSize|lastTimestamp)$/

/** A broker of this process with the users of RIGHTS, and the PLAINTEXT listener's clients as super users. */
export async function ownBroker(): Promise<TestBroker> {
  const users = RIGHTS.map((_, user) => `user_u${user}="${PASSWORD}"`).join(' ')
  return TestBroker.start({
    listeners: 'PLAINTEXT://localhost:0,SASL://localhost:0,CONTROLLER://localhost:0',
    'advertised.listeners': 'PLAINTEXT://localhost:0,SASL://localhost:0',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'delegation.token.secret.key': 'abc',
    'group.initial.rebalance.delay.ms': '0',
  })
}

/** SASL and versions are asked in logging in; the others would change what the next requests find. */
const LEFT_OUT = ['SaslHandshakeRequest', 'SaslAuthenticateRequest', 'ApiVersionsRequest', 'UnregisterBrokerRequest']

/** What is asked, in its order: the state that the ones before leave is part of an answer. */
export function questions(): { api: AnyApi; version: number; user: number }[] {
  return APIS.filter(({ request }) => !LEFT_OUT.includes(request.name)).flatMap((api) =>
    [...RIGHTS.keys()].map((user) => ({ api, version: api.max, user })),
  )
}
