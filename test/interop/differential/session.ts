import { setTimeout as delay } from 'node:timers/promises'
import type { Draft } from '../../../src/protocol/codec.ts'
import { UnsupportedVersionError } from '../../../src/protocol/writer.ts'
import { apiVersions, createTopics, initProducerId, metadata, produce } from './apis.ts'
import { Normaliser } from './normalise.ts'
import { type Api, type RawAnswer, Wire } from './wire.ts'

/** One request and what came of it. */
export interface Step {
  label: string
  version: number
  answer: unknown
}

/** Asks one API in one version; resolves to the answer, or undefined when there is none. */
export type Ask<Q, R> = (label: string, message: Draft<Q>) => Promise<R | undefined>

/** As Ask, of an entry of apis.ts. */
export type AskOf<A> = A extends Api<infer Q, infer R> ? Ask<Q, R> : never

/** A conversation with one broker, written down. The same conversation is held with the other. */
export class Session {
  readonly flavour: 'kt' | 'kafka'
  readonly wire: Wire
  readonly steps: Step[] = []
  readonly dataDir: string
  private readonly normaliser: Normaliser
  private readonly versions = new Map<number, number>()
  private readonly topicIds = new Map<string, string>()

  constructor(flavour: 'kt' | 'kafka', bootstrap: string, dataDir: string, controller: string) {
    this.flavour = flavour
    this.wire = new Wire(bootstrap)
    this.dataDir = dataDir
    const ports = [bootstrap, controller].map((address) => Number(address.split(':')[1]))
    this.normaliser = new Normaliser(ports, dataDir)
  }

  /** Asks in each version the API has; what can't be said in a version is left out there. */
  async everyVersion<Q, R>(
    api: Api<Q, R>,
    talk: (ask: Ask<Q, R>, version: number) => Promise<void>,
    versions: { from?: number; to?: number } = {},
  ): Promise<void> {
    const { minVersion } = api.request
    const maxVersion = await this.newest(api)
    for (let v = Math.max(minVersion, versions.from ?? 0); v <= Math.min(maxVersion, versions.to ?? 99); v++) {
      await talk((label, message) => this.send(label, api, message, v), v)
    }
  }

  /** The newest version the broker says it has; what it doesn't advertise is asked in the newest there is. */
  async newest<Q, R>(api: Api<Q, R>): Promise<number> {
    if (this.versions.size === 0) {
      const software = { clientSoftwareName: 'diff', clientSoftwareVersion: '1' }
      const raw = await this.wire.ask(this.wire.encode(apiVersions.request, software, 4))
      if (typeof raw === 'string') throw new Error(`${this.flavour}: ApiVersions: ${raw}`)
      for (const one of this.wire.decode(apiVersions.response, 4, raw).apiKeys)
        this.versions.set(one.apiKey, one.maxVersion)
    }
    return this.versions.get(api.request.apiKey) ?? api.request.maxVersion
  }

  /** One request whose answer is compared. */
  async send<Q, R>(label: string, api: Api<Q, R>, message: Draft<Q>, version: number): Promise<R | undefined> {
    let frame: Buffer
    try {
      frame = this.wire.encode(api.request, message, version)
    } catch (error) {
      if (error instanceof UnsupportedVersionError) return undefined
      throw error
    }
    return this.sendFrame(label, api, frame, version, message)
  }

  /** Any bytes; what comes back is read as `version` of the API's response. */
  async sendFrame<Q, R>(
    label: string,
    api: Api<Q, R>,
    frame: Buffer,
    version: number,
    sent: unknown = null,
    limitMs?: number,
  ): Promise<R | undefined> {
    const raw = await this.wire.ask(frame, limitMs ?? 6000)
    const name = `${api.request.name.replace(/Request$/, '')}: ${label}`
    const { answer, response } = this.read(api, raw, version, sent)
    this.steps.push({ label: name, version, answer })
    return response
  }

  /** One request that is not compared, in the newest version. */
  async quiet<Q, R>(api: Api<Q, R>, message: Draft<Q>, wanted?: number): Promise<R> {
    const version = wanted ?? (await this.newest(api))
    const raw = await this.wire.ask(this.wire.encode(api.request, message, version))
    if (typeof raw === 'string') throw new Error(`${this.flavour}: ${api.request.name} v${version}: ${raw}`)
    return this.wire.decode(api.response, version, raw)
  }

  /** Creates a topic and waits until it is in the metadata; returns its id. */
  async topic(name: string, numPartitions = 1, configs: Record<string, string> = {}): Promise<string> {
    const draft = Object.entries({ 'retention.ms': '-1', ...configs }).map(([key, value]) => ({ name: key, value }))
    await this.quiet(createTopics, {
      topics: [{ name, numPartitions, replicationFactor: 1, configs: draft }],
      timeoutMs: 5000,
    })
    return this.known(name)
  }

  /** Appends records; tried again while the partition is not ready, which in Kafka comes a moment after it is in the metadata. */
  async append(topic: string, index: number, records: Buffer, transactionalId: string | null = null): Promise<void> {
    const topicData = [{ topicId: this.idOf(topic), partitionData: [{ index, records }] }]
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await this.quiet(produce, { transactionalId, acks: -1, timeoutMs: 5000, topicData })
      if (answer.responses[0]?.partitionResponses[0]?.errorCode === 0) return
      await delay(20)
    }
    throw new Error(`${this.flavour}: nothing can be written to ${topic}-${index}`)
  }

  /** A producer id; the first ones take a moment. */
  async producerId(): Promise<bigint> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await this.quiet(initProducerId, { transactionalId: null, transactionTimeoutMs: 1000 })
      if (answer.errorCode === 0) return answer.producerId
      await delay(20)
    }
    throw new Error(`${this.flavour}: there are no producer ids`)
  }

  /** Waits for a topic to have leaders; returns its id. */
  async known(name: string): Promise<string> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const answer = await this.quiet(metadata, { topics: [{ name }], allowAutoTopicCreation: false })
      const topic = answer.topics[0]
      if (topic?.errorCode === 0 && topic.partitions.every(({ leaderId }) => leaderId >= 0)) {
        this.topicIds.set(name, topic.topicId)
        this.normaliser.name(topic.topicId, `<id of ${name}>`)
        // Parts of Kafka that watch the metadata learn of it a little later.
        await delay(50)
        return topic.topicId
      }
      await delay(20)
    }
    throw new Error(`${this.flavour}: ${name} does not come up`)
  }

  /** Id of a topic made earlier. */
  idOf(name: string): string {
    const id = this.topicIds.get(name)
    if (id === undefined) throw new Error(`no topic ${name} was made`)
    return id
  }

  /** Has `value` appear as `as` in what is compared. */
  call(value: string | bigint | undefined, as: string): void {
    if (value !== undefined && value !== '') this.normaliser.name(value, as)
  }

  /** Writes down something that was seen in another way. */
  note(label: string, answer: unknown): void {
    this.steps.push({ label, version: -1, answer })
  }

  private read<Q, R>(
    api: Api<Q, R>,
    raw: RawAnswer,
    version: number,
    sent: unknown,
  ): { answer: unknown; response: R | undefined } {
    if (typeof raw === 'string') return { answer: raw, response: undefined }
    try {
      const response = this.wire.decode(api.response, version, raw)
      return { answer: this.normaliser.normalise(response, sent), response }
    } catch (error) {
      return { answer: `unreadable: ${String(error)}`, response: undefined }
    }
  }
}
