import { ZERO_UUID } from '../../base/uuid.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { KRAFT_VERSION } from './feature-changes.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataLog } from './metadata-log.ts'

/** __cluster_metadata's fixed topic id. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

export interface QuorumOptions {
  nodeId: number
  clusterId: string
  /** Directory id of the metadata log's directory. */
  directoryId: string
  log: MetadataLog
  image: MetadataImage
  /** Where this node's controller listens, the default listener first. */
  endpoints(): readonly Endpoint[]
}

export interface Endpoint {
  name: string
  host: string
  port: number
}

export interface Voter {
  id: number
  /** Zero with static voters. */
  directoryId: string
}

export interface AddVoter {
  clusterId: string | null
  id: number
  directoryId: string
  listeners: readonly Endpoint[]
}

const invalidRequest = (message: string): KafkaError => new KafkaError(ErrorCode.INVALID_REQUEST, message)

/** A voter as Kafka's ReplicaKey prints itself. */
function keyText({ id, directoryId }: Voter): string {
  return `ReplicaKey(id=${id}, directoryId=${directoryId === ZERO_UUID ? '<undefined>' : directoryId})`
}

/** The KRaft quorum of one voter, this node: what its admin requests (KIP-595, KIP-853) say and may do. */
export class Quorum {
  readonly log: MetadataLog
  private readonly options: QuorumOptions

  constructor(options: QuorumOptions) {
    this.options = options
    this.log = options.log
  }

  get nodeId(): number {
    return this.options.nodeId
  }

  get endpoints(): readonly Endpoint[] {
    return this.options.endpoints()
  }

  get voters(): Voter[] {
    const dynamic = this.log.votersRecord?.voters
    if (!dynamic) return [{ id: this.nodeId, directoryId: ZERO_UUID }]
    return dynamic.map(({ voterId, voterDirectoryId }) => ({ id: voterId, directoryId: voterDirectoryId }))
  }

  /** Finalized feature levels, kraft.version among them as long as it isn't 0. */
  get features(): Map<string, number> {
    const levels = new Map(this.options.image.features)
    if (this.log.kraftVersion > 0) levels.set(KRAFT_VERSION, this.log.kraftVersion)
    return levels
  }

  /** kraft.version 0 → 1: the configured voter is written into the log. */
  async upgrade(): Promise<void> {
    const { nodeId, directoryId } = this.options
    const kRaftVersionFeature = { minSupportedVersion: 0, maxSupportedVersion: 1 }
    const endpoints = this.endpoints.map((endpoint) => ({ ...endpoint }))
    const voter = { voterId: nodeId, voterDirectoryId: directoryId, endpoints, kRaftVersionFeature }
    await this.log.upgradeVoters({ voters: [voter] })
  }

  /** Throws INCONSISTENT_CLUSTER_ID; null is any cluster. */
  checkClusterId(id: string | null): void {
    const { clusterId } = this.options
    if (id === null || id === clusterId) return
    const message = `The given id "${id}" doesn't match the cluster id "${clusterId}"`
    throw new KafkaError(ErrorCode.INCONSISTENT_CLUSTER_ID, message)
  }

  /**
   * AddRaftVoter: always refused. Another voter can't be reached by this version, which is what Kafka says of one that is down.
   *
   * @throws KafkaError INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, UNSUPPORTED_VERSION, DUPLICATE_VOTER, REQUEST_TIMED_OUT
   */
  refuseVoter({ clusterId, id, directoryId, listeners }: AddVoter): never {
    this.checkClusterId(clusterId)
    if (id < 0 || directoryId === ZERO_UUID) throw invalidRequest("Add voter request didn't include a valid voter")
    const wanted = this.endpoints[0]?.name ?? 'CONTROLLER'
    if (!listeners.some(({ name }) => name === wanted)) {
      const given = listeners.map(({ name, host, port }) => `ListenerName(${name})=${host}/<unresolved>:${port}`)
      throw invalidRequest(
        `Add voter request didn't include the endpoint (Endpoints(endpoints={${given.join(', ')}})) for the default listener ListenerName(${wanted})`,
      )
    }
    this.requireDynamicVoters('adding')
    if (this.voters.some((voter) => voter.id === id)) {
      throw new KafkaError(
        ErrorCode.DUPLICATE_VOTER,
        `The voter id for ${keyText({ id, directoryId })} is already part of the set of voters ${this.votersText}.`,
      )
    }
    throw new KafkaError(
      ErrorCode.REQUEST_TIMED_OUT,
      'Aborted add voter operation for since API_VERSIONS returned an error BROKER_NOT_AVAILABLE',
    )
  }

  /**
   * RemoveRaftVoter: always refused, as the only voter can't go.
   *
   * @throws KafkaError INCONSISTENT_CLUSTER_ID, INVALID_REQUEST, UNSUPPORTED_VERSION, VOTER_NOT_FOUND
   */
  refuseRemoval(clusterId: string | null, voter: Voter): never {
    this.checkClusterId(clusterId)
    if (voter.id < 0 || voter.directoryId === ZERO_UUID) {
      throw invalidRequest("Remove voter request didn't include a valid voter")
    }
    this.requireDynamicVoters('removing')
    const message = `Cannot remove voter ${keyText(voter)} from the set of voters ${this.votersText}`
    throw new KafkaError(ErrorCode.VOTER_NOT_FOUND, message)
  }

  private requireDynamicVoters(what: 'adding' | 'removing'): void {
    const { kraftVersion } = this.log
    if (kraftVersion > 0) return
    const message = `Cluster doesn't support ${what} voter because the ${KRAFT_VERSION} feature is ${kraftVersion}`
    throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION, message)
  }

  private get votersText(): string {
    return `[${this.voters.map(keyText).join(', ')}]`
  }
}
