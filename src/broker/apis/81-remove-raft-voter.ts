/**
 * RemoveRaftVoter: v0 (KIP-853). The only voter can't be removed, and there is no other: always an error, in Kafka's words. Needs ALTER
 * on the cluster.
 */
import { errorInfo } from '../../protocol/errors.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../protocol/generated/81-remove-raft-voter.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const removeRaftVoter = defineApi({
  request: RemoveRaftVoterRequest,
  response: RemoveRaftVoterResponse,
  min: 0,
  max: 0,
  handle(context, { clusterId, voterId, voterDirectoryId }) {
    requireCluster(context, AclOperation.ALTER)
    return context.services.quorum.refuseRemoval(clusterId, { id: voterId, directoryId: voterDirectoryId })
  },
  // Kafka tells the error of a denial alone, not who was denied what.
  failure: (_request, errorCode) => ({ errorCode, errorMessage: errorInfo(errorCode).message }),
})
