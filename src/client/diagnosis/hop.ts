/** The stations on the way to a cluster, in the order of the way. */
export type HopName =
  | 'embedded'
  | 'settings'
  | 'dns'
  | 'tcp'
  | 'tls'
  | 'kafka'
  | 'sasl'
  | 'cluster'
  | 'advertised'
  | 'rights'

/** What became of one hop. */
export interface Hop {
  hop: HopName
  /** `host:port`, or what else was looked at. */
  target: string
  status: 'ok' | 'failed' | 'skipped'
  tookMs: number
  /** What was found, in a sentence without an end. */
  detail: string
  /** Of a failure: what is likely behind it. */
  cause: string | null
  /** Of a failure: what to do about it. */
  nextStep: string | null
}

/** What a hop that fails throws: what was found, the likely cause and what mends it. */
export class HopFailure extends Error {
  override readonly name = 'HopFailure'
  readonly likely: string | null
  readonly nextStep: string | null

  constructor(detail: string, likely: string | null = null, nextStep: string | null = null) {
    super(detail)
    this.likely = likely
    this.nextStep = nextStep
  }
}

/** What a hop that succeeds gives on. */
export interface Passed<T> {
  detail: string
  value: T
}

/** How a hop was taken: for the next ones `value`, undefined when it failed. */
export interface Taken<T> {
  hop: Hop
  value: T | undefined
}

/** No single hop takes longer. */
const HOP_MS = 5000
/** What a hop gets on top, to tell how it ended. */
const GRACE_MS = 1000

/** The time of a whole walk. */
export class Budget {
  readonly #now: () => number
  readonly #endMs: number

  constructor(timeoutMs: number, now: () => number = () => performance.now()) {
    this.#now = now
    this.#endMs = now() + timeoutMs
  }

  nowMs(): number {
    return this.#now()
  }

  /** What the next hop may take; 0 when the time is over. */
  nextMs(): number {
    return Math.max(0, Math.min(HOP_MS, Math.floor(this.#endMs - this.#now())))
  }
}

export const skipped = (hop: HopName, target: string, detail: string): Hop => ({
  ...{ hop, target, status: 'skipped', tookMs: 0, detail },
  ...{ cause: null, nextStep: null },
})

const failureOf = (error: unknown): HopFailure => {
  if (error instanceof HopFailure) return error
  const { message, detail, nextStep } = error as { message?: string; detail?: string | null; nextStep?: string | null }
  return new HopFailure((message ?? String(error)).replace(/\.$/, ''), detail ?? null, nextStep ?? null)
}

/** Rejects when `work` takes longer; `work` should end by itself, with the same time. */
const within = async <T>(timeoutMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const tooLate = () =>
      reject(new HopFailure(`no end after ${timeoutMs} ms`, null, 'Allow more time with --timeout-ms.'))
    // Later, so that what `work` itself says of its timeout comes first, on a busy machine too.
    timer = setTimeout(tooLate, timeoutMs + GRACE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Takes one hop within the time that is left, and notes how it went. Never rejects. */
export const takeHop = async <T>(
  name: HopName,
  target: string,
  budget: Budget,
  act: (timeoutMs: number) => Promise<Passed<T>>,
): Promise<Taken<T>> => {
  const timeoutMs = budget.nextMs()
  if (timeoutMs <= 0) return { hop: skipped(name, target, 'no time left (--timeout-ms)'), value: undefined }
  const startMs = budget.nowMs()
  const took = (): number => Math.round((budget.nowMs() - startMs) * 10) / 10
  try {
    const { detail, value } = await within(timeoutMs, act(timeoutMs))
    const hop: Hop = { hop: name, target, status: 'ok', tookMs: took(), detail, cause: null, nextStep: null }
    return { hop, value }
  } catch (error) {
    const { message, likely, nextStep } = failureOf(error)
    const hop: Hop = { hop: name, target, status: 'failed', tookMs: took(), detail: message, cause: likely, nextStep }
    return { hop, value: undefined }
  }
}
