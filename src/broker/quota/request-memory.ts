/**
 * Bounds the bytes of requests whose handlers hold on to them (queued.max.request.bytes), all connections together. While they are at
 * the limit no connection starts another request; one alone may be larger.
 */
export class RequestMemory {
  private readonly limitBytes: number
  private usedBytes = 0
  private readonly waiting = new Set<() => void>()

  /** @param limitBytes -1 or 0 sets no limit, as in Kafka */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get isFull(): boolean {
    return this.limitBytes > 0 && this.usedBytes >= this.limitBytes
  }

  /** @returns what gives the bytes back; can be called more than once */
  hold(bytes: number): () => void {
    this.usedBytes += bytes
    let held = bytes
    return () => {
      this.usedBytes -= held
      held = 0
      if (!this.isFull) this.wake()
    }
  }

  /** Calls `wake`, always the same of a connection, once there is room. */
  whenRoom(wake: () => void): void {
    this.waiting.add(wake)
  }

  /** The connection is gone. */
  forget(wake: () => void): void {
    this.waiting.delete(wake)
  }

  private wake(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const wake of waiting) wake()
  }
}
