/** Produce, Fetch and ShareFetch: what a client's latencies are about. */
const TIMED_APIS: ReadonlySet<number> = new Set([0, 1, 78])

/** What went over the connections to one place, for metrics. Sizes are those on the wire, before TLS. */
export class Traffic {
  opened = 0
  closed = 0
  requests = 0
  responses = 0
  outgoingBytes = 0
  incomingBytes = 0
  largestRequestBytes = 0
  /** Answered requests that carry records, and how long their answers took. */
  timed = 0
  timedMs = 0
  slowestMs = 0

  sent(sizeBytes: number): void {
    this.requests++
    this.outgoingBytes += sizeBytes
    this.largestRequestBytes = Math.max(this.largestRequestBytes, sizeBytes)
  }

  answered(apiKey: number, sizeBytes: number, tookMs: number): void {
    this.responses++
    this.incomingBytes += sizeBytes
    if (!TIMED_APIS.has(apiKey)) return
    this.timed++
    this.timedMs += tookMs
    this.slowestMs = Math.max(this.slowestMs, tookMs)
  }

  /** The traffic of several places together. */
  static sum(parts: Iterable<Traffic>): Traffic {
    const sum = new Traffic()
    for (const part of parts) {
      sum.opened += part.opened
      sum.closed += part.closed
      sum.requests += part.requests
      sum.responses += part.responses
      sum.outgoingBytes += part.outgoingBytes
      sum.incomingBytes += part.incomingBytes
      sum.largestRequestBytes = Math.max(sum.largestRequestBytes, part.largestRequestBytes)
      sum.timed += part.timed
      sum.timedMs += part.timedMs
      sum.slowestMs = Math.max(sum.slowestMs, part.slowestMs)
    }
    return sum
  }
}
