/**
 * RemoveRaftVoter: v0 (KIP-853). The only voter can't be removed, and there is no other: always an error, in Kafka's words. Needs ALTER
 * on the cluster.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../protocol/generated/81-remove-raft-voter.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const removeRaftVoter = defineApi({
  request: RemoveRaftVoterRequest,
  response: RemoveRaftVoterResponse,
  min: 0,
  max: 0,
  handle(context, { clusterId, voterId, voterDirectoryId }) {
    if (!allowsCluster(context, AclOperation.ALTER)) throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    return context.services.quorum.refuseRemoval(clusterId, { id: voterId, directoryId: voterDirectoryId })
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
