import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Kafka's ExponentialBackoff: initialMs, doubled with every attempt up to maxMs, each time off by up to 20 percent either
 * way so that clients don't come in step.
 *
 * @param attempts failed attempts so far, from 0.
 */
export function backoffMs(
  attempts: number,
  initialMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const base = Math.min(initialMs * 2 ** Math.min(attempts, 30), Math.max(maxMs, initialMs))
  return Math.min(base * (0.8 + 0.4 * random()), Math.max(maxMs, initialMs))
}

/** Waits; resolves early, without an error, when `signal` is aborted. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  try {
    await sleep(delayMs, undefined, signal ? { signal } : undefined)
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
  }
}
