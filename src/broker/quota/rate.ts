/** What a rate is measured over: `samples` windows of `windowMs` each (quota.window.num, quota.window.size.seconds). */
export interface RateWindow {
  samples: number
  windowMs: number
}

interface Sample {
  startMs: number
  lastEventMs: number
  sum: number
}

/**
 * An amount per second over a sliding span of sample windows (Kafka's stats.Rate over WindowedSum). Before the whole span has been seen, the windows
 * that are missing count as empty ones, so that a first burst isn't taken for a rate.
 */
export class Rate {
  private readonly samples: Sample[] = []
  private current = 0

  record({ samples, windowMs }: RateWindow, value: number, nowMs: number): void {
    let sample = this.samples[this.current]
    if (!sample) {
      sample = { startMs: nowMs, lastEventMs: nowMs, sum: 0 }
      this.samples.push(sample)
    } else if (nowMs - sample.startMs >= windowMs) sample = this.next(samples, nowMs)
    sample.sum += value
    sample.lastEventMs = nowMs
  }

  /** The oldest sample is taken again; one more is kept than the span has, since the span's start cuts through one. */
  private next(samples: number, nowMs: number): Sample {
    this.current = (this.current + 1) % (samples + 1)
    const fresh = { startMs: nowMs, lastEventMs: nowMs, sum: 0 }
    if (this.current >= this.samples.length) this.samples.push(fresh)
    else this.samples[this.current] = fresh
    return fresh
  }

  private dropObsolete({ samples, windowMs }: RateWindow, nowMs: number): void {
    for (const sample of this.samples) {
      if (nowMs - sample.lastEventMs < samples * windowMs) continue
      sample.startMs = nowMs
      sample.lastEventMs = nowMs
      sample.sum = 0
    }
  }

  /** The rate per second now. */
  measure(window: RateWindow, nowMs: number): number {
    this.dropObsolete(window, nowMs)
    let sum = 0
    for (const sample of this.samples) sum += sample.sum
    return sum / (this.spanMs(window, nowMs) / 1000)
  }

  /** The time that `measure` divides by. */
  spanMs(window: RateWindow, nowMs: number): number {
    this.dropObsolete(window, nowMs)
    let oldestMs = nowMs
    for (const sample of this.samples) oldestMs = Math.min(oldestMs, sample.startMs)
    const elapsedMs = nowMs - oldestMs
    const missing = window.samples - 1 - Math.floor(elapsedMs / window.windowMs)
    return Math.max(1, missing > 0 ? elapsedMs + missing * window.windowMs : elapsedMs)
  }
}

/**
 * How long a client has to wait until its rate is back at the quota, if nothing more comes (Kafka's QuotaUtils.throttleTime); 0 within the quota.
 *
 * @param quota per second
 */
export function throttleTimeMs(rate: Rate, window: RateWindow, quota: number, nowMs: number): number {
  const observed = rate.measure(window, nowMs)
  if (!(observed > quota)) return 0
  const waitMs = Math.round(((observed - quota) / quota) * rate.spanMs(window, nowMs))
  return Math.min(waitMs, MAX_THROTTLE_MS)
}

/** throttle_time_ms is an int32. */
const MAX_THROTTLE_MS = 2 ** 31 - 1
