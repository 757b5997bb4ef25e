import type { ClientConnection, RequestContext } from '../define-api.ts'

/** Type and name of a principal 'User:NAME'. */
export function principalParts(principal: string): { principalType: string; principalName: string } {
  const colon = principal.indexOf(':')
  return { principalType: principal.slice(0, colon), principalName: principal.slice(colon + 1) }
}

/**
 * Whether a connection may ask for delegation tokens: it has to have proven who it is, and not by such a token (KIP-48).
 */
export function mayUseTokens({ connection }: RequestContext): boolean {
  return !connection.isTokenAuthenticated && !isAnonymous(connection)
}

function isAnonymous({ securityProtocol, principal }: ClientConnection): boolean {
  return securityProtocol === 'PLAINTEXT' || (securityProtocol === 'SSL' && principal === 'User:ANONYMOUS')
}
