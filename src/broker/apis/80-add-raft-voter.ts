/**
 * AddRaftVoter: v0-1 (KIP-853). This version is a quorum of one voter, so the answer is always an error, one of those Kafka gives:
 * the id is a voter already, the voters are static, or the new voter can't be reached. Needs ALTER on the cluster.
 */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../protocol/generated/80-add-raft-voter.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

export const addRaftVoter = defineApi({
  request: AddRaftVoterRequest,
  response: AddRaftVoterResponse,
  min: 0,
  max: 1,
  differs: 'the quorum has one voter: any other is refused as one that does not answer (REQUEST_TIMED_OUT)',
  handle(context, { clusterId, voterId, voterDirectoryId, listeners }) {
    if (!allowsCluster(context, AclOperation.ALTER)) throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    return context.services.quorum.refuseVoter({ clusterId, id: voterId, directoryId: voterDirectoryId, listeners })
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
