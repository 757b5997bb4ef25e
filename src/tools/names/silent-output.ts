import type { Output } from '../../cli/output.ts'

/** Takes everything and says nothing. */
export class SilentOutput implements Output {
  readonly closed = false
  write(): void {}
  drain(): Promise<void> {
    return Promise.resolve()
  }
  flush(): Promise<void> {
    return Promise.resolve()
  }
}
