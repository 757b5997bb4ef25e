/**
 * FindCoordinator: the broker that coordinates a group, transactional id or share partition; v0-6.
 *
 * - v0-3 ask for one key, v4+ for several; error messages are only in v1-3, where success says 'NONE'.
 * - v1 adds the key type, v6 allows share partitions as '<group>:<topic id>:<partition>' (KIP-932).
 * - __consumer_offsets, __transaction_state and __share_group_state are created by the first request for what they hold.
 * - Needs DESCRIBE on the group or transactional id; share partitions are for brokers.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  type FindCoordinatorResponseCoordinator,
} from '../../protocol/generated/10-find-coordinator.ts'
import { AclOperation, ResourceType, requireCluster } from '../authorizer/authorizer.ts'
import { OFFSETS_TOPIC, SHARE_STATE_TOPIC, TRANSACTION_TOPIC } from '../controller/topic-names.ts'
import { defineApi, type RequestContext } from '../define-api.ts'
import { brokersFor } from './brokers.ts'

const BATCH_FROM = 4
const SHARE_FROM = 6
const KeyType = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const
/** A share partition's key; the group id may itself hold colons. */
const SHARE_KEY = /^.+:[A-Za-z0-9_-]{22}:-?\d+$/s

type Coordinator = Draft<FindCoordinatorResponseCoordinator>

export const findCoordinator = defineApi<FindCoordinatorRequest, FindCoordinatorResponse>({
  request: FindCoordinatorRequest,
  response: FindCoordinatorResponse,
  min: 0,
  max: 6,
  async handle(context, request) {
    if (context.version >= BATCH_FROM) {
      const keys = request.coordinatorKeys
      return { coordinators: await Promise.all(keys.map((key) => find(context, request.keyType, key))) }
    }
    const { errorCode = 0, nodeId, host, port } = await find(context, request.keyType, request.key)
    return { errorCode, errorMessage: errorInfo(errorCode).message, nodeId, host, port }
  },
  failure: (request, errorCode, errorMessage, version) =>
    // The single key's fields don't exist in versions that ask for several.
    version >= BATCH_FROM
      ? {
          coordinators: request.coordinatorKeys.map((key) => ({
            ...missing(key, errorCode),
            errorMessage: errorInfo(errorCode).message,
          })),
        }
      : { errorCode, errorMessage, nodeId: -1, host: '', port: -1 },
})

async function find(context: RequestContext, keyType: number, key: string): Promise<Coordinator> {
  const { authorizer } = context.services
  const mayDescribe = (type: ResourceType): boolean => authorizer.allows(context, AclOperation.DESCRIBE, type, key)
  switch (keyType) {
    case KeyType.GROUP:
      if (!mayDescribe(ResourceType.GROUP)) return missing(key, ErrorCode.GROUP_AUTHORIZATION_FAILED)
      return findLeader(context, key, OFFSETS_TOPIC, () => context.services.groups.partitionFor(key))
    case KeyType.TRANSACTION:
      if (!mayDescribe(ResourceType.TRANSACTIONAL_ID)) {
        return missing(key, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
      }
      return findLeader(context, key, TRANSACTION_TOPIC, () =>
        context.services.transactions.coordinator.partitionFor(key),
      )
    case KeyType.SHARE: {
      if (context.version < SHARE_FROM) return missing(key, ErrorCode.INVALID_REQUEST)
      requireCluster(context, AclOperation.CLUSTER_ACTION)
      if (!SHARE_KEY.test(key)) return missing(key, ErrorCode.INVALID_REQUEST)
      return findLeader(context, key, SHARE_STATE_TOPIC, () => context.services.shares.state.partitionFor(key))
    }
    default:
      return { ...missing(key, ErrorCode.INVALID_REQUEST), errorMessage: errorInfo(ErrorCode.INVALID_REQUEST).message }
  }
}

async function findLeader(
  { services, connection }: RequestContext,
  key: string,
  topic: string,
  partitionFor: () => Promise<number>,
): Promise<Coordinator> {
  let partition: number
  try {
    partition = await partitionFor()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    services.logger.warn({ key, error }, `there is no coordinator: ${topic} is not available`)
    return missing(key, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  }
  const leader = services.metadata.partition(topic, partition)?.leader
  const broker = brokersFor(services, connection.listenerName).find(({ nodeId }) => nodeId === leader)
  if (broker === undefined || broker.fenced) return missing(key, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  const { nodeId, host, port } = broker
  return { key, nodeId, host, port, errorCode: ErrorCode.NONE, errorMessage: '' }
}

function missing(key: string, errorCode: number): Coordinator {
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage: '' }
}
