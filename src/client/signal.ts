/** Wakes whoever waits; a raise that nobody waits for is kept for the next wait. */
export class Signal {
  private raised = false
  private waiter: (() => void) | null = null

  raise(): void {
    this.raised = true
    this.waiter?.()
  }

  /** Resolves at the next raise, or after `timeoutMs`. Only one may wait at a time. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.raised && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.min(timeoutMs, 0x7fffffff))
        this.waiter = done
        function done(): void {
          clearTimeout(timer)
          resolve()
        }
      })
      this.waiter = null
    }
    this.raised = false
  }
}
