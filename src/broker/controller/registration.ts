import { randomUuid } from '../../base/random-uuid.ts'
import type { SecurityProtocol } from '../../config/listeners.ts'
import { SUPPORTED_FEATURES } from './features.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'

export interface Registration {
  nodeId: number
  /** The offset the record will have. */
  brokerEpoch: number
  endpoints: readonly { name: string; host: string; port: number; securityProtocol: SecurityProtocol }[]
  rack: string | null
  /** Directory ids. */
  logDirs: readonly string[]
}

/** Security protocols by their codes in records (Kafka's SecurityProtocol). */
const PROTOCOL_CODES: Readonly<Record<SecurityProtocol, number>> = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
}

/** The record by which a broker joins the cluster, unfenced. */
export function registrationRecord({
  nodeId,
  brokerEpoch,
  endpoints,
  rack,
  logDirs,
}: Registration): MetadataRecordDraft {
  return {
    type: 'RegisterBrokerRecord',
    data: {
      brokerId: nodeId,
      incarnationId: randomUuid(),
      brokerEpoch: BigInt(brokerEpoch),
      endPoints: endpoints.map((endpoint) => ({
        ...endpoint,
        securityProtocol: PROTOCOL_CODES[endpoint.securityProtocol],
      })),
      features: SUPPORTED_FEATURES.map(({ name, min, max }) => ({
        name,
        minSupportedVersion: min,
        maxSupportedVersion: max,
      })),
      rack,
      fenced: false,
      logDirs: [...logDirs],
    },
  }
}

const FENCED = 1
const IN_CONTROLLED_SHUTDOWN = 1

/** The record by which a broker leaves in good order; whoever opens the directory next need not wait for its session to end. */
export function fencingRecord(nodeId: number, brokerEpoch: number): MetadataRecordDraft {
  return {
    type: 'BrokerRegistrationChangeRecord',
    data: {
      brokerId: nodeId,
      brokerEpoch: BigInt(brokerEpoch),
      fenced: FENCED,
      inControlledShutdown: IN_CONTROLLED_SHUTDOWN,
    },
  }
}
