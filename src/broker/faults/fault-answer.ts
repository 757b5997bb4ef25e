import { ErrorCode } from '../../protocol/errors.ts'
import type { AnyApi } from '../define-api.ts'

/** The answer of an API that says `code` of all that was asked. */
export function faultAnswer(api: AnyApi, version: number, request: unknown, { code }: { code: number }): unknown {
  const answer = api.failure(request as never, code, '', version) as { errorCode?: number; responses?: unknown[] }
  // Clients of Fetch look for the error at the partitions; that of the whole answer is about fetch sessions.
  return answer.responses?.length ? { ...answer, errorCode: ErrorCode.NONE } : answer
}
