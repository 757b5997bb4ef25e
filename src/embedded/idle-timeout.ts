import type { Environment } from './data-dir.ts'
import { EmbeddedError } from './errors.ts'

const DEFAULT_MS = 4 * 3_600_000
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * How long a broker that was started by itself stays without a client: KT_IDLE_TIMEOUT, as `30m`, `4h`, `90s` or plain seconds; 0 is
 * for ever. Four hours unless set.
 * @returns milliseconds
 * @throws EmbeddedError when the text is no duration
 */
export function idleTimeoutMs(env: Environment): number {
  const text = env.KT_IDLE_TIMEOUT?.trim()
  if (!text) return DEFAULT_MS
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(text)
  if (!match)
    throw new EmbeddedError(
      `KT_IDLE_TIMEOUT is '${text}', which is no duration.`,
      'Write it as 30m, 4h or 90s; 0 is for ever.',
    )
  return Number(match[1]) * UNITS_MS[match[2] ?? 's']!
}
