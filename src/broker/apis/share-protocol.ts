import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AclOperation, ResourceType } from '../authorizer/authorizer.ts'
import type { RequestContext } from '../define-api.ts'

/** Member ids are uuids; their length bounds what a session's key can be. */
const MAX_MEMBER_ID_LENGTH = 36

/** True when the cluster's features allow share groups (KIP-932). */
export function shareProtocolIsOn({ services }: RequestContext): boolean {
  return (services.metadata.features.get('share.version') ?? 0) >= 1
}

/** @throws KafkaError UNSUPPORTED_VERSION while the feature share.version is 0 */
export function requireShareProtocol(context: RequestContext): void {
  if (!shareProtocolIsOn(context)) throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION)
}

/** @throws KafkaError INVALID_REQUEST */
export function requireMemberId(memberId: string | null): string {
  if (memberId !== null && memberId !== '' && memberId.length <= MAX_MEMBER_ID_LENGTH) return memberId
  throw new KafkaError(ErrorCode.INVALID_REQUEST)
}

/**
 * Checks what ShareFetch and ShareAcknowledge have in common.
 *
 * @throws KafkaError UNSUPPORTED_VERSION, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED
 */
export function requireShareMember(
  context: RequestContext,
  { groupId, memberId }: { groupId: string | null; memberId: string | null },
): { groupId: string; memberId: string } {
  requireShareProtocol(context)
  if (groupId === null) throw new KafkaError(ErrorCode.INVALID_REQUEST)
  requireGroup(context, AclOperation.READ, groupId)
  return { groupId, memberId: requireMemberId(memberId) }
}

/** @throws KafkaError GROUP_AUTHORIZATION_FAILED */
export function requireGroup(context: RequestContext, operation: AclOperation, groupId: string): void {
  if (context.services.authorizer.allows(context, operation, ResourceType.GROUP, groupId)) return
  throw new KafkaError(ErrorCode.GROUP_AUTHORIZATION_FAILED)
}
