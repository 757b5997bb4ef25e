import type { RequestContext } from '../define-api.ts'
import type { GroupClient } from '../group/group-context.ts'

/** The sender of a request as a group knows its members. */
export function groupClient({ clientId, connection, version }: RequestContext): GroupClient {
  return { clientId, clientHost: `/${connection.remoteAddress}`, version }
}
