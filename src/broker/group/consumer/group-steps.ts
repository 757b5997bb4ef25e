import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { WrittenRecord } from '../records.ts'
import type { GroupShard } from '../shard.ts'

/** What one request or timer does to a group. */
export interface Step<T> {
  /** What it writes; none for a step that changes nothing. */
  readonly records: readonly WrittenRecord[]
  readonly result: T
  /** Called when the records are committed and applied. */
  committed?(): void
  /** Called when they could not be written: what was done in memory has to be undone. */
  failed?(): void
}

/**
 * Runs the steps of each group one after the other: a step sees what all earlier ones wrote, and nothing that isn't
 * committed. Steps of different groups don't wait for each other.
 */
export class GroupSteps {
  readonly #shard: GroupShard
  readonly #last = new Map<string, Promise<void>>()

  constructor(shard: GroupShard) {
    this.#shard = shard
  }

  /** Resolves when the steps there are of a group are done; undefined when there is none. */
  running(groupId: string): Promise<void> | undefined {
    return this.#last.get(groupId)
  }

  /**
   * Computes a step when it is its turn, writes it, and resolves with its result.
   *
   * @throws what `compute` throws, or KafkaError when the records could not be written
   */
  run<T>(groupId: string, compute: () => Step<T>): Promise<T> {
    const previous = this.#last.get(groupId)
    const running = previous === undefined ? this.#execute(compute) : previous.then(() => this.#execute(compute))
    const done: Promise<void> = running
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.#last.get(groupId) === done) this.#last.delete(groupId)
      })
    this.#last.set(groupId, done)
    return running
  }

  /** Calls `compute` at once. */
  async #execute<T>(compute: () => Step<T>): Promise<T> {
    if (this.#shard.closed) throw new KafkaError(ErrorCode.NOT_COORDINATOR)
    const step = compute()
    try {
      await this.#shard.write(step.records)
    } catch (error) {
      step.failed?.()
      throw error
    }
    step.committed?.()
    return step.result
  }
}
