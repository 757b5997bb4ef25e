import type { ScramAlteration, ScramMechanismName } from '../../client/security-types.ts'
import type { Admin } from '../../client/types.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { unwrapAll } from '../shared/results.ts'
import { ConfigArgumentError } from './check.ts'

const MIN_ITERATIONS = 4096
const DEFAULT_ITERATIONS = 4096

/** Is this the name of a SCRAM mechanism? */
export const isScram = (key: string): key is ScramMechanismName => key === 'SCRAM-SHA-256' || key === 'SCRAM-SHA-512'

/** `[iterations=8192,password=…]` without the brackets; the iterations may be left out. */
const credentialOf = (mechanism: ScramMechanismName, text: string): { iterations: number; password: string } => {
  const match = /^(?:iterations=(-?[0-9]*),)?password=([^\n\r]*)$/.exec(text)
  if (match === null) {
    throw new ConfigArgumentError(`Invalid credential property ${mechanism.replaceAll('-', '_')}=${text}`)
  }
  const [, given, password = ''] = match
  const iterations = given === undefined || given === '-1' ? DEFAULT_ITERATIONS : Number(given)
  if (given === '' || given === '-') throw new ConfigArgumentError(`For input string: "${given}"`)
  if (iterations < MIN_ITERATIONS) {
    throw new ConfigArgumentError(
      `Iterations ${iterations} is less than the minimum ${MIN_ITERATIONS} required for ${mechanism}`,
    )
  }
  return { iterations, password }
}

/** Sets and deletes the SCRAM credentials of a user. */
export const alterScram = async (
  admin: Admin,
  user: string,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> => {
  const alterations: ScramAlteration[] = [
    ...deleted.filter(isScram).map((mechanism): ScramAlteration => ({ user, mechanism, delete: true })),
    ...[...added].flatMap(([mechanism, text]): ScramAlteration[] =>
      isScram(mechanism) ? [{ user, mechanism, ...credentialOf(mechanism, text) }] : [],
    ),
  ]
  if (alterations.some((one) => 'password' in one && one.password === '')) {
    throw new KafkaError(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Password must not be empty')
  }
  unwrapAll(await admin.alterUserScramCredentials(alterations))
}

interface ScramState {
  user: string
  text?: string
  credentials?: readonly { mechanism: string; iterations: number }[]
  problem?: string
  error?: Error
}

/** The credentials of users, of all when `names` is empty; `problem` is what went wrong with one. */
export const scramOf = async (admin: Admin, names: readonly string[]): Promise<ScramState[]> => {
  const found = await admin.describeUserScramCredentials(names.length === 0 ? null : names)
  return [...found].map(([user, result]) => {
    if (result.ok) {
      const text = result.value.map(({ mechanism, iterations }) => `${mechanism}=iterations=${iterations}`).join(', ')
      return { user, text, credentials: result.value }
    }
    const javaClass = (result.error as { exceptionClass?: string }).exceptionClass ?? ''
    return { user, problem: `${javaClass.replace(/^.*\./, '')}: ${result.error.message}`, error: result.error }
  })
}
