/** Changes of SCRAM credentials, checked as Kafka's controller does it (ScramControlManager, KIP-554). */
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { AlterUserScramCredentialsRequest } from '../../protocol/generated/51-alter-user-scram-credentials.ts'
import type { MetadataRecordDraft } from './metadata-record.ts'
import { credentialOf, MAX_SCRAM_ITERATIONS, MIN_SCRAM_ITERATIONS } from './scram-formulas.ts'
import { type ScramImage, ScramMechanismCode, type ScramMechanismName } from './scram-image.ts'

type Upsertion = AlterUserScramCredentialsRequest['upsertions'][number]
type Deletion = AlterUserScramCredentialsRequest['deletions'][number]

/** What a request comes to: records to write, and per user its error or null. */
export interface ScramChange {
  records: MetadataRecordDraft[]
  results: Map<string, KafkaError | null>
}

/** Kafka's name for a mechanism's code; undefined for one it doesn't know. */
export function scramMechanismName(code: number): ScramMechanismName | undefined {
  return (Object.keys(ScramMechanismCode) as ScramMechanismName[]).find((name) => ScramMechanismCode[name] === code)
}

/**
 * Each user stands for itself, and can be changed in one way per request.
 */
export function alterScramCredentials(image: ScramImage, request: AlterUserScramCredentialsRequest): ScramChange {
  const results = new Map<string, KafkaError | null>()
  const records = new Map<string, MetadataRecordDraft>()
  const add = (name: string, plan: () => MetadataRecordDraft): void => {
    const isSecond = records.delete(name)
    if (results.get(name)) return
    try {
      if (isSecond) {
        throw new KafkaError(
          ErrorCode.DUPLICATE_RESOURCE,
          'A user credential cannot be altered twice in the same request',
        )
      }
      records.set(name, plan())
      results.set(name, null)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      results.set(name, error)
    }
  }
  for (const deletion of request.deletions) add(deletion.name, () => deletionRecord(image, deletion))
  for (const upsertion of request.upsertions) add(upsertion.name, () => upsertionRecord(upsertion))
  return { records: [...records.values()], results }
}

function checkedMechanism(user: string, code: number): ScramMechanismName {
  if (user === '') throw new KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty')
  const mechanism = scramMechanismName(code)
  if (mechanism === undefined) {
    throw new KafkaError(ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism')
  }
  return mechanism
}

function deletionRecord(image: ScramImage, { name, mechanism }: Deletion): MetadataRecordDraft {
  checkedMechanism(name, mechanism)
  if (image.credential(name, mechanism) === undefined) {
    throw new KafkaError(ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist')
  }
  return { type: 'RemoveUserScramCredentialRecord', data: { name, mechanism } }
}

function upsertionRecord({ name, mechanism, iterations, salt, saltedPassword }: Upsertion): MetadataRecordDraft {
  const mechanismName = checkedMechanism(name, mechanism)
  if (iterations < MIN_SCRAM_ITERATIONS) throw new KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations')
  if (iterations > MAX_SCRAM_ITERATIONS) throw new KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations')
  const credential = credentialOf(mechanismName, saltedPassword, salt, iterations)
  return { type: 'UserScramCredentialRecord', data: { name, mechanism, ...credential } }
}
