/**
 * AlterUserScramCredentials: sets and removes SCRAM credentials; v0 (KIP-554).
 *
 * - The client sends the salted password, never the password; what is kept of it is written to the metadata log.
 * - Each user stands for itself. A user named twice, even with two mechanisms, is refused with DUPLICATE_RESOURCE.
 * - All that is accepted is written at once and counts when the answer is sent.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/generated/51-alter-user-scram-credentials.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { alterScramCredentials } from '../controller/scram-changes.ts'
import { defineApi } from '../define-api.ts'

export const alterUserScramCredentials = defineApi({
  request: AlterUserScramCredentialsRequest,
  response: AlterUserScramCredentialsResponse,
  min: 0,
  max: 0,
  async handle(context, request) {
    requireCluster(context, AclOperation.ALTER)
    const { controller, metadata } = context.services
    const results = await controller.write(() => {
      const change = alterScramCredentials(metadata.scram, request)
      return { records: change.records, value: change.results }
    })
    return {
      results: [...results].map(([user, error]) => ({
        user,
        errorCode: error?.code ?? ErrorCode.NONE,
        errorMessage: error?.message ?? null,
      })),
    }
  },
  failure: (request, errorCode, errorMessage) => ({
    results: [...new Set([...request.deletions, ...request.upsertions].map(({ name }) => name))].map((user) => ({
      user,
      errorCode,
      errorMessage,
    })),
  }),
})
