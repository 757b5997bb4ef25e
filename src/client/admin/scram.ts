import { pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { ErrorCode, throwIfError } from '../../protocol/errors.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../../protocol/generated/50-describe-user-scram-credentials.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/generated/51-alter-user-scram-credentials.ts'
import type { Cluster } from '../cluster.ts'
import { askController } from '../controller.ts'
import { resultOf, withRetries } from '../retry.ts'
import { SCRAM_MECHANISMS, type ScramAlteration, type ScramCredentialInfo } from '../security-types.ts'
import type { Result } from '../types.ts'

const SALT_BYTES = 24
const HASHES = { 'SCRAM-SHA-256': ['sha256', 32], 'SCRAM-SHA-512': ['sha512', 64] } as const

const mechanismId = (name: keyof typeof HASHES): number => SCRAM_MECHANISMS.indexOf(name)

type Upsertion = Exclude<ScramAlteration, { delete: true }>

/** The password never leaves the client: what is sent is Hi(password, salt, iterations) of RFC 5802. */
async function upsertion({ user, mechanism, iterations, password }: Upsertion) {
  const salt = randomBytes(SALT_BYTES)
  const [hash, sizeBytes] = HASHES[mechanism]
  const saltedPassword = await promisify(pbkdf2)(password, salt, iterations, sizeBytes, hash)
  return { name: user, mechanism: mechanismId(mechanism), iterations, salt, saltedPassword }
}

/** SCRAM credentials of users, without their secrets (KIP-554); `users` null asks for all. Users without any are left out. */
export async function describeUserScramCredentials(
  cluster: Cluster,
  users: readonly string[] | null,
): Promise<Map<string, Result<ScramCredentialInfo[]>>> {
  return withRetries(cluster, 'describeUserScramCredentials', async () => {
    const connection = await cluster.connectAny()
    const message = { users: users?.map((name) => ({ name })) ?? null }
    const answer = await connection.send(
      DescribeUserScramCredentialsRequest,
      DescribeUserScramCredentialsResponse,
      message,
    )
    throwIfError(answer.errorCode, answer.errorMessage)
    return new Map(
      answer.results
        .filter(({ errorCode }) => errorCode !== ErrorCode.RESOURCE_NOT_FOUND)
        .map((result) => [
          result.user,
          resultOf(result.errorCode, result.errorMessage, () =>
            result.credentialInfos.map(({ mechanism, iterations }) => ({
              mechanism: SCRAM_MECHANISMS[mechanism] ?? 'UNKNOWN',
              iterations,
            })),
          ),
        ]),
    )
  })
}

/** Sets and deletes SCRAM credentials; one Result per user. */
export async function alterUserScramCredentials(
  cluster: Cluster,
  alterations: readonly ScramAlteration[],
): Promise<Map<string, Result<void>>> {
  cluster.refuseControllers()
  const upserts = alterations.filter((one): one is Upsertion => !('delete' in one))
  const upsertions = await Promise.all(upserts.map(upsertion))
  const deletions = alterations
    .filter((one) => 'delete' in one)
    .map(({ user, mechanism }) => ({ name: user, mechanism: mechanismId(mechanism) }))
  return askController(cluster, 'alterUserScramCredentials', async (connection) => {
    const message = { deletions, upsertions }
    const answer = await connection.send(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, message)
    return new Map(
      answer.results.map((result) => [result.user, resultOf(result.errorCode, result.errorMessage, () => undefined)]),
    )
  })
}
