import { ZERO_UUID } from '../base/uuid.ts'
import { Connection } from '../net/connection.ts'
import { Traffic } from '../net/traffic.ts'
import type { Draft, MessageCodec } from '../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../protocol/generated/03-metadata.ts'
import { ClientError } from './client-error.ts'
import { MetadataCache, type PartitionMetadata, type TopicMetadata } from './metadata.ts'
import type { Address, ClientSettings, ConnectionSecurity } from './settings.ts'
import type { Node } from './types.ts'

/**
 * Which of a broker's connections: a group's coordinator and long-polling fetches get their own, because answers on one
 * connection come in order and a commit must not wait for a fetch.
 */
export type Channel = 'main' | 'fetch' | 'group'

export interface MetadataOptions {
  /** Default false: asking for a topic must not create it. */
  allowAutoTopicCreation?: boolean
  timeoutMs?: number
}

/** DescribeCluster tells controllers from this version on (KIP-919). */
const CONTROLLERS_SINCE = 1
/** DescribeClusterRequest.endpointType of controllers. */
export const CONTROLLER_ENDPOINT = 2

/** Sends one request to one broker; see Cluster.ask. */
export interface AskOptions<Q> {
  timeoutMs?: number
  channel?: Channel
  /** Highest version to use. */
  cap?: number
  /** Builds the message once the version is known. */
  message: Draft<Q> | ((version: number) => Draft<Q>)
}

/**
 * One cluster as a client sees it: bootstrap addresses, a cache of metadata, and one connection per broker and channel, opened
 * when needed and opened again when lost. Nothing here retries; that is what `withRetries` is for.
 */
export class Cluster {
  readonly settings: ClientSettings
  readonly metadata = new MetadataCache()
  /** True once any broker was reached. */
  hasEverConnected = false
  /** What went over the connections, by place: `localhost:9092/main`. */
  readonly traffic = new Map<string, Traffic>()
  private readonly connections = new Map<string, Promise<Connection>>()
  private readonly opened = new Set<Connection>()
  private readonly coordinators = new Map<string, number>()
  private readonly closing = new AbortController()
  private readonly warned = new Set<string>()
  private security: Promise<ConnectionSecurity> | null = null
  private refreshing: { key: string; promise: Promise<MetadataResponse> } | null = null
  /** Which bootstrap address is tried first; moves on when one fails. */
  private bootstrapIndex = 0

  constructor(settings: ClientSettings) {
    if (settings.bootstrapServers.length === 0) {
      throw new ClientError('config', 'No bootstrap.servers given.', { nextStep: 'Name at least one host:port.' })
    }
    this.settings = settings
  }

  get closeSignal(): AbortSignal {
    return this.closing.signal
  }

  /** Closes every connection; calls under way fail with ClientError 'closed'. */
  async close(): Promise<void> {
    this.closing.abort()
    for (const connection of this.opened) connection.close()
    await Promise.allSettled(this.connections.values())
    for (const connection of this.opened) connection.close()
  }

  /** Shows a connection problem to the user once, while the client goes on trying. */
  noteRetriable(error: unknown): void {
    if (!(error instanceof ClientError) || this.warned.has(error.message)) return
    if (this.warned.size < 100) this.warned.add(error.message)
    this.settings.warn(error.nextStep ? `${error.message} ${error.nextStep}` : error.message)
  }

  /** A connection to an address, opened if there is none. */
  connect(address: Address, channel: Channel = 'main'): Promise<Connection> {
    if (this.closing.signal.aborted) return Promise.reject(new ClientError('closed', 'The client is closed.'))
    const key = `${address.host}:${address.port}/${channel}`
    const existing = this.connections.get(key)
    if (existing) return existing
    const opening = this.open(address, key)
    this.connections.set(key, opening)
    opening.catch(() => this.forget(key, opening))
    return opening
  }

  private forget(key: string, opening: Promise<Connection>): void {
    if (this.connections.get(key) === opening) this.connections.delete(key)
  }

  private async open(address: Address, key: string): Promise<Connection> {
    const { clientId, socketConnectionSetupTimeoutMs, requestTimeoutMs } = this.settings
    const security = await this.connectionSecurity()
    const traffic = this.traffic.get(key) ?? new Traffic()
    this.traffic.set(key, traffic)
    const connection = await Connection.open({
      ...address,
      clientId,
      setupTimeoutMs: socketConnectionSetupTimeoutMs,
      requestTimeoutMs,
      signal: this.closing.signal,
      traffic,
      ...security,
    })
    this.hasEverConnected = true
    if (this.closing.signal.aborted) {
      connection.close()
      throw new ClientError('closed', 'The client is closed.')
    }
    this.opened.add(connection)
    connection.onClose(() => {
      this.opened.delete(connection)
      this.connections.delete(key)
    })
    return connection
  }

  private connectionSecurity(): Promise<ConnectionSecurity> {
    const { security } = this.settings
    if (security.protocol === 'PLAINTEXT') return Promise.resolve({ tls: null, authenticator: null })
    this.security ??= import('./security.ts').then(({ connectionSecurity }) => connectionSecurity(security))
    return this.security
  }

  /** A connection to a broker by id; its address comes from the metadata. */
  async connectNode(id: number, channel: Channel = 'main'): Promise<Connection> {
    let node = this.metadata.nodes.get(id)
    if (node === undefined) {
      await this.refresh([])
      node = this.metadata.nodes.get(id)
    }
    if (node === undefined) {
      throw new ClientError('unreachable', `Broker ${id} is not among the cluster's live brokers.`, {
        nextStep: 'See whether that broker runs.',
      })
    }
    return this.connect(node, channel)
  }

  /**
   * Any broker; the active controller when the addresses are those of controllers.
   *
   * @param mayBeController whether controllers answer this themselves; else the call fails when connected to them
   */
  async connectAny(mayBeController = false): Promise<Connection> {
    if (!this.settings.bootstrapControllers) return this.connectFirst()
    if (!mayBeController) this.refuseControllers()
    if (!this.metadata.nodes.has(this.metadata.controllerId)) await this.refresh([])
    return this.connectNode(this.metadata.controllerId)
  }

  /** Fails for calls that only brokers answer when the addresses are those of controllers. */
  refuseControllers(): void {
    if (!this.settings.bootstrapControllers) return
    const message = 'This Admin API is not yet supported when communicating directly with the controller quorum.'
    throw new ClientError('config', message, {
      exceptionClass: 'org.apache.kafka.common.errors.UnsupportedEndpointTypeException',
      nextStep: 'Connect to a broker with --bootstrap-server.',
    })
  }

  /** Any open connection, else one to a bootstrap address or known node, tried in turn. */
  private async connectFirst(): Promise<Connection> {
    for (const connection of this.opened) if (connection.isOpen) return connection
    const bootstrap = this.settings.bootstrapServers
    const addresses = [...bootstrap.slice(this.bootstrapIndex), ...bootstrap.slice(0, this.bootstrapIndex)]
    const known = new Set(addresses.map(({ host, port }) => `${host}:${port}`))
    for (const node of this.metadata.nodes.values()) if (!known.has(`${node.host}:${node.port}`)) addresses.push(node)
    const errors: unknown[] = []
    for (const address of addresses) {
      try {
        return await this.connect(address)
      } catch (error) {
        errors.push(error)
        this.bootstrapIndex = (this.bootstrapIndex + 1) % bootstrap.length
        if (addresses.length > 1) this.noteRetriable(error)
      }
    }
    throw worst(errors, bootstrap)
  }

  /**
   * Sends a request over a connection and resolves with its answer and the version used.
   *
   * @throws ClientError
   */
  async ask<Q, R>(
    connection: Connection,
    request: MessageCodec<Q>,
    response: MessageCodec<R>,
    options: AskOptions<Q>,
  ): Promise<{ response: R; version: number }> {
    const version = connection.versions.pick(request, options.cap)
    const message = typeof options.message === 'function' ? options.message(version) : options.message
    const timeoutMs = Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, this.settings.requestTimeoutMs)
    return { response: await connection.send(request, response, message, { timeoutMs, version }), version }
  }

  /**
   * Asks any broker for metadata of the named topics (null: all, []: only the brokers) and keeps the answer. Asks with the same
   * topics at the same time share one request.
   */
  refresh(topics: readonly string[] | null, options: MetadataOptions = {}): Promise<MetadataResponse> {
    const key = topics === null ? '*' : `${options.allowAutoTopicCreation ? '+' : ''}${topics.join(',')}`
    if (this.refreshing?.key === key) return this.refreshing.promise
    const promise = this.fetchMetadata(topics, options).finally(() => {
      if (this.refreshing?.promise === promise) this.refreshing = null
    })
    this.refreshing = { key, promise }
    return promise
  }

  private async fetchMetadata(topics: readonly string[] | null, options: MetadataOptions): Promise<MetadataResponse> {
    const connection = await this.connectFirst()
    if (this.settings.bootstrapControllers) {
      if (topics?.length !== 0) this.refuseControllers()
      return this.fetchControllers(connection, options)
    }
    const version = connection.versions.pick(MetadataRequest)
    const named = topics?.map((name) => ({ name, topicId: ZERO_UUID })) ?? null
    // Version 0 knows no null: an empty list means all topics there.
    const message: Draft<MetadataRequest> = { topics: version === 0 && named === null ? [] : named }
    if (version >= 4) message.allowAutoTopicCreation = options.allowAutoTopicCreation ?? false
    const timeoutMs = Math.min(options.timeoutMs ?? Number.POSITIVE_INFINITY, this.settings.requestTimeoutMs)
    const response = await connection.send(MetadataRequest, MetadataResponse, message, { version, timeoutMs })
    if (response.errorCode !== ErrorCode.NONE) throw new KafkaError(response.errorCode)
    this.metadata.update(response, topics === null)
    return response
  }

  /** The controllers instead of brokers, put as an answer to Metadata. */
  private async fetchControllers(connection: Connection, options: MetadataOptions): Promise<MetadataResponse> {
    const { DescribeClusterRequest, DescribeClusterResponse } = await import(
      '../protocol/generated/60-describe-cluster.ts'
    )
    const codec = { ...DescribeClusterRequest, minVersion: CONTROLLERS_SINCE }
    const { response } = await this.ask(connection, codec, DescribeClusterResponse, {
      message: { endpointType: CONTROLLER_ENDPOINT },
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    })
    if (response.errorCode !== ErrorCode.NONE) throw new KafkaError(response.errorCode, response.errorMessage)
    const metadata: MetadataResponse = {
      throttleTimeMs: 0,
      brokers: response.brokers.map(({ brokerId, host, port, rack }) => ({ nodeId: brokerId, host, port, rack })),
      clusterId: response.clusterId,
      controllerId: response.controllerId,
      topics: [],
      clusterAuthorizedOperations: response.clusterAuthorizedOperations,
      errorCode: ErrorCode.NONE,
    }
    this.metadata.update(metadata, false)
    return metadata
  }

  /** The cluster's live brokers, asked for if not known yet. */
  async nodes(): Promise<Node[]> {
    if (this.metadata.nodes.size === 0) await this.refresh([])
    return [...this.metadata.nodes.values()]
  }

  /** Metadata of topics, from the cache when all are there without an error and not too old. */
  async topics(names: readonly string[], options: MetadataOptions = {}): Promise<Map<string, TopicMetadata>> {
    const fresh = performance.now() - this.metadata.updatedAtMs < this.settings.metadataMaxAgeMs
    const known = (name: string): boolean => this.metadata.topics.get(name)?.errorCode === ErrorCode.NONE
    if (!fresh || !names.every(known)) await this.refresh(names, options)
    const found = new Map<string, TopicMetadata>()
    for (const name of names) {
      const topic = this.metadata.topics.get(name)
      if (topic) found.set(name, topic)
    }
    return found
  }

  /** A partition of a topic in the cache; undefined when not known. */
  partition(topic: string, partition: number): PartitionMetadata | undefined {
    return this.metadata.topics.get(topic)?.partitions.find((p) => p.partition === partition)
  }

  /** Forgets what is known of a topic, so that the next `topics` asks. */
  invalidate(topic: string): void {
    this.metadata.topics.delete(topic)
  }

  /** The coordinator found before for a group ('group:NAME') or transactional id ('txn:NAME'); undefined when unknown. */
  knownCoordinator(key: string): number | undefined {
    return this.coordinators.get(key)
  }

  setCoordinator(key: string, nodeId: number | undefined): void {
    if (nodeId === undefined) this.coordinators.delete(key)
    else this.coordinators.set(key, nodeId)
  }

  /** Adds a broker learnt from another answer than Metadata (FindCoordinator, Produce, Fetch). */
  learnNode(node: Node): void {
    if (!this.metadata.nodes.has(node.id)) this.metadata.nodes.set(node.id, node)
  }
}

/** Which of several failed addresses to report: what can't be cured by waiting comes first. */
function worst(errors: unknown[], bootstrap: readonly Address[]): unknown {
  const unresolved = errors.every((error) => error instanceof ClientError && error.reason === 'dns' && !error.retriable)
  if (unresolved) {
    const first = errors[0] as ClientError
    return new ClientError('dns', 'No resolvable bootstrap urls given in bootstrap.servers', {
      detail: bootstrap.length > 1 ? errors.map((e) => (e as Error).message).join(' ') : first.message,
      nextStep: 'Check the spelling of the host names.',
      cause: first,
    })
  }
  const refused = errors.find((error) => error instanceof ClientError && error.reason === 'authentication')
  if (refused) return refused
  const final = errors.find((error) => !(error instanceof ClientError) || !error.retriable)
  const retriable = errors.find((error) => error instanceof ClientError && error.retriable)
  // As long as one address may still come up, the client goes on trying.
  return retriable ?? final
}
