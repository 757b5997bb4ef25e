import type { OffsetMap } from '../api/record.ts'
import { canonicalJson } from '../offsets/json.ts'

/** A record under way: its offset may be stored once it and all before it are acknowledged. */
export interface Submitted {
  acknowledged: boolean
}

interface Entry extends Submitted {
  readonly offset: OffsetMap
}

interface Queue {
  readonly partition: OffsetMap
  entries: Entry[]
  /** Entries before this one are done with. */
  head: number
}

/** So many records may be under way: what is kept for each is more than its bytes in buffer.memory. */
const MAX_PENDING = 20_000
/** Cut the done part off once it is this long. */
const COMPACT_AT = 1024

/**
 * Follows, for each source partition, which records were acknowledged (org.apache.kafka.connect.runtime.SubmittedRecords): records of one
 * source partition may go to several partitions of Kafka, so that acknowledgements come in any order.
 */
export class SubmittedOffsets {
  readonly #queues = new Map<string, Queue>()
  /** Sources tend to give one and the same object again and again. */
  readonly #known = new WeakMap<OffsetMap, Queue>()
  /** Records submitted and not acknowledged. */
  pending = 0
  #waiters: (() => void)[] = []

  /** Notes a record on its way; set `acknowledged` by {@link acknowledge}. */
  submit(partition: OffsetMap, offset: OffsetMap): Submitted {
    const entry: Entry = { offset, acknowledged: false }
    this.#queue(partition).entries.push(entry)
    this.pending++
    return entry
  }

  acknowledge(submitted: Submitted): void {
    if (submitted.acknowledged) return
    submitted.acknowledged = true
    this.pending--
    if (this.hasRoom) for (const wake of this.#waiters.splice(0)) wake()
  }

  /** False while as many records are under way as may be. */
  get hasRoom(): boolean {
    return this.pending < MAX_PENDING
  }

  /** Resolves once there is room. */
  async room(): Promise<void> {
    if (!this.hasRoom) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  #queue(partition: OffsetMap): Queue {
    const known = this.#known.get(partition)
    if (known) return known
    const name = canonicalJson(partition)
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = { partition, entries: [], head: 0 }
      this.#queues.set(name, queue)
    }
    this.#known.set(partition, queue)
    return queue
  }

  /** Takes the newest offsets that may be stored, by source partition; [] when nothing is new. */
  takeCommittable(): [OffsetMap, OffsetMap][] {
    const committable: [OffsetMap, OffsetMap][] = []
    for (const queue of this.#queues.values()) {
      const { entries } = queue
      const before = queue.head
      while (entries[queue.head]?.acknowledged) queue.head++
      if (queue.head === before) continue
      committable.push([queue.partition, entries[queue.head - 1]!.offset])
      if (queue.head === entries.length || queue.head >= COMPACT_AT) {
        queue.entries = entries.slice(queue.head)
        queue.head = 0
      }
    }
    return committable
  }
}
