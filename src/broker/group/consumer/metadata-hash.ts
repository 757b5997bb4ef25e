import { xxh3 } from '../../../base/xxh3.ts'
import type { TopicDescriber } from './consumer-context.ts'

/** Version of the hash's input. */
const TOPIC_HASH_VERSION = 0

/** Bytes in the order that hash4j's streams put them: little-endian numbers, strings as UTF-16 and their length. */
class HashInput {
  readonly #parts: Buffer[] = []

  int32(value: number): this {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeInt32LE(value, 0)
    this.#parts.push(bytes)
    return this
  }

  int64(value: bigint): this {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64LE(value, 0)
    this.#parts.push(bytes)
    return this
  }

  byte(value: number): this {
    this.#parts.push(Buffer.from([value]))
    return this
  }

  string(text: string): this {
    this.#parts.push(Buffer.from(text, 'utf16le'))
    return this.int32(text.length)
  }

  hash(): bigint {
    return xxh3(Buffer.concat(this.#parts))
  }
}

/** Hash of one topic: its id, name, number of partitions and the racks of their replicas. */
function topicHash(describer: TopicDescriber, name: string, topicId: string): bigint {
  const id = Buffer.from(topicId, 'base64url')
  const count = describer.partitionCount(topicId)
  const input = new HashInput().byte(TOPIC_HASH_VERSION).int64(id.readBigInt64BE(0)).int64(id.readBigInt64BE(8))
  input.string(name).int32(count)
  for (let partition = 0; partition < count; partition++) {
    input.int32(partition)
    for (const rack of [...describer.racks(name, partition)].sort()) input.int32(rack.length).string(rack)
  }
  return input.hash()
}

/**
 * Hash of what a group's assignment depends on (KIP-1101), as Kafka computes it: when it changes, partitions have to
 * be assigned anew.
 *
 * @param topics names of the topics the group reads; those that don't exist don't count
 * @returns 0 when none exists
 */
export function metadataHash(describer: TopicDescriber, topics: Iterable<string>): bigint {
  const input = new HashInput()
  let isEmpty = true
  for (const name of [...topics].sort()) {
    const topicId = describer.topicId(name)
    if (topicId === undefined) continue
    isEmpty = false
    input.int64(topicHash(describer, name, topicId))
  }
  return isEmpty ? 0n : input.hash()
}
