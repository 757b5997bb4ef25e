/**
 * DescribeUserScramCredentials: which users have SCRAM credentials, by mechanism, and with how many iterations; v0 (KIP-554).
 *
 * - Null or an empty list asks for all users. Salts and keys are never told.
 * - A user named twice is refused with DUPLICATE_RESOURCE, one without credentials with RESOURCE_NOT_FOUND; each stands for itself.
 */
import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
  type DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult,
} from '../../protocol/generated/50-describe-user-scram-credentials.ts'
import { AclOperation, allowsCluster } from '../authorizer/authorizer.ts'
import type { ScramImage } from '../controller/scram-image.ts'
import { defineApi } from '../define-api.ts'
import { messageBeyond } from './error-message.ts'

type Result = Draft<DescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult>

function describe(scram: ScramImage, user: string, isTwice: boolean): Result {
  if (isTwice) {
    return {
      user,
      errorCode: ErrorCode.DUPLICATE_RESOURCE,
      errorMessage: `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
    }
  }
  const credentials = scram.ofUser(user)
  if (credentials === undefined) {
    return {
      user,
      errorCode: ErrorCode.RESOURCE_NOT_FOUND,
      errorMessage: `Attempt to describe a user credential that does not exist: ${user}`,
    }
  }
  return {
    user,
    credentialInfos: [...credentials]
      .sort(([a], [b]) => a - b)
      .map(([mechanism, { iterations }]) => ({ mechanism, iterations })),
  }
}

export const describeUserScramCredentials = defineApi({
  request: DescribeUserScramCredentialsRequest,
  response: DescribeUserScramCredentialsResponse,
  min: 0,
  max: 0,
  handle(context, request) {
    if (!allowsCluster(context, AclOperation.DESCRIBE)) throw new KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const { scram } = context.services.metadata
    const asked = request.users?.map(({ name }) => name) ?? []
    const names = asked.length === 0 ? scram.userNames() : asked
    return {
      results: [...new Set(names)].map((user) =>
        describe(scram, user, names.indexOf(user) !== names.lastIndexOf(user)),
      ),
    }
  },
  failure: ({ users }, errorCode, message) => {
    const errorMessage = messageBeyond(errorCode, message)
    return {
      errorCode,
      errorMessage,
      results: (users ?? []).map(({ name }) => ({ user: name, errorCode, errorMessage, credentialInfos: [] })),
    }
  },
})
