import type { Clock } from '../../base/clock.ts'

/** What tells that a broker is being used. */
export interface Activity {
  /** Clients connected now. */
  readonly connectionCount: number
  /** Clients that ever connected: catches those that came and went between two looks. */
  readonly acceptedConnections?: number
}

const MAX_LOOK_MS = 30_000

/**
 * Calls `onIdle` once after `timeoutMs` without a client. Returns how to stop watching. 0 never calls.
 */
export function watchIdle(activity: Activity, timeoutMs: number, clock: Clock, onIdle: () => void): () => void {
  if (timeoutMs <= 0) return () => {}
  let lastUsedMs = clock.monotonicMs()
  let lastAccepted = activity.acceptedConnections
  let cancel = (): void => {}
  const arm = (): void => {
    const leftMs = lastUsedMs + timeoutMs - clock.monotonicMs()
    cancel = clock.schedule(Math.max(1, Math.min(leftMs, timeoutMs / 4, MAX_LOOK_MS)), look)
  }
  const look = (): void => {
    const nowMs = clock.monotonicMs()
    if (activity.connectionCount > 0 || activity.acceptedConnections !== lastAccepted) {
      lastUsedMs = nowMs
      lastAccepted = activity.acceptedConnections
    }
    if (nowMs - lastUsedMs >= timeoutMs) onIdle()
    else arm()
  }
  arm()
  return () => cancel()
}
