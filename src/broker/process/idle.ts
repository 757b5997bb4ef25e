import type { Clock } from '../../base/clock.ts'

/** What tells that a broker is being used. */
export interface Activity {
  /** Clients connected now. */
  readonly connectionCount: number
  /** Clients that ever connected: catches those that came and went between two looks. */
  readonly acceptedConnections?: number
}

const MAX_LOOK_MS = 30_000
/** The command a broker is started for gets at least this long to connect. */
const FIRST_CLIENT_MS = 10_000

/**
 * Calls `onIdle` once after `timeoutMs` without a client, and not within ten seconds before the first one. Returns how to stop
 * watching. 0 never calls.
 */
export function watchIdle(activity: Activity, timeoutMs: number, clock: Clock, onIdle: () => void): () => void {
  if (timeoutMs <= 0) return () => {}
  let lastUsedMs = clock.monotonicMs() + Math.max(0, FIRST_CLIENT_MS - timeoutMs)
  let lastAccepted = activity.acceptedConnections
  let cancel = (): void => {}
  const arm = (): void => {
    const leftMs = lastUsedMs + timeoutMs - clock.monotonicMs()
    cancel = clock.schedule(Math.max(1, Math.min(leftMs, timeoutMs / 4, MAX_LOOK_MS)), look)
  }
  let wasUsed = false
  const look = (): void => {
    const nowMs = clock.monotonicMs()
    const isUsed = activity.connectionCount > 0 || activity.acceptedConnections !== lastAccepted
    lastAccepted = activity.acceptedConnections
    // A client that has gone since the last look went at some moment between: count from now, never too early.
    if (isUsed || wasUsed) lastUsedMs = nowMs
    wasUsed = isUsed
    if (nowMs - lastUsedMs >= timeoutMs) onIdle()
    else arm()
  }
  arm()
  return () => cancel()
}
