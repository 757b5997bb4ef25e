/**
 * AddRaftVoter: v0-1 (KIP-853). This version is a quorum of one voter, so the answer is always an error, one of those Kafka gives:
 * the id is a voter already, the voters are static, or the new voter can't be reached. Needs ALTER on the cluster.
 */
import { errorInfo } from '../../protocol/errors.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../protocol/generated/80-add-raft-voter.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const addRaftVoter = defineApi({
  request: AddRaftVoterRequest,
  response: AddRaftVoterResponse,
  min: 0,
  max: 1,
  differs: 'the quorum has one voter: any other is refused as one that does not answer (REQUEST_TIMED_OUT)',
  handle(context, { clusterId, voterId, voterDirectoryId, listeners }) {
    requireCluster(context, AclOperation.ALTER)
    return context.services.quorum.refuseVoter({ clusterId, id: voterId, directoryId: voterDirectoryId, listeners })
  },
  // Kafka tells the error of a denial alone, not who was denied what.
  failure: (_request, errorCode) => ({ errorCode, errorMessage: errorInfo(errorCode).message }),
})
