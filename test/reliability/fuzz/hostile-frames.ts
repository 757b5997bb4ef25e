import fc from 'fast-check'
import type { AnyApi } from '../../../src/broker/define-api.ts'
import { buildBatch } from '../../../src/protocol/records/batch-builder.ts'
import { requestFrame } from '../../broker/in-process.ts'
import { loadMessages } from '../../protocol/generated-codecs.ts'
import { messageValues } from '../../protocol/message-values.ts'

export const TOPIC = 'fuzz'
export const GROUP = 'fuzz-group'
const SAMPLES_PER_VERSION = 12

const NAMES: Readonly<Record<string, string>> = {
  name: TOPIC,
  topic: TOPIC,
  topicName: TOPIC,
  groupId: GROUP,
  key: GROUP,
  transactionalId: 'fuzz-tx',
}

const below = (limit: number): number => Math.floor(Math.random() * limit)

/** Often what is really there, so that a request gets past "no such topic". */
function withRealNames(value: unknown, names: Readonly<Record<string, string>>, field = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withRealNames(item, names, field))
  if (Buffer.isBuffer(value)) return field === 'records' && below(2) === 0 ? smallBatch() : value
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withRealNames(inner, names, name)]))
  }
  if (typeof value === 'string' && below(3) > 0) return names[field] ?? value
  if (/^(partition|partitionIndex|index)$/.test(field) && below(2) === 0) return 0
  return value
}

function smallBatch(): Buffer {
  return buildBatch([{ value: Buffer.from('fuzz'), timestamp: Date.now() }])
}

/**
 * Requests of every API and version: well-formed, with values of all kinds.
 *
 * @param names of things that are there, by field, beside the topic and groups
 */
export async function wellFormedFrames(
  apis: readonly AnyApi[],
  exclude: readonly string[],
  names: Readonly<Record<string, string>> = {},
): Promise<Buffer[]> {
  const messages = new Map((await loadMessages()).map((message) => [message.name, message]))
  const frames: Buffer[] = []
  for (const api of apis) {
    const message = messages.get(api.request.name)
    if (!message || exclude.includes(api.request.name)) continue
    for (let version = api.min; version <= api.max; version++) {
      for (const value of fc.sample(messageValues(message.oracle, version, 'fitting'), SAMPLES_PER_VERSION)) {
        frames.push(requestFrame(message.codec, version, 1, withRealNames(value, { ...NAMES, ...names }) as never))
      }
    }
  }
  return frames
}

const INTERESTING = [0, 1, -1, 0x7f, 0x80, 0x7fff, 0x7fffffff, -0x80000000, 0x10000000]

/** A copy with a few bytes changed, cut off, doubled or replaced by numbers that lengths shouldn't be. Now and then left as it is. */
export function mutated(frame: Buffer): Buffer {
  let out: Buffer = Buffer.from(frame)
  for (let changes = below(5); changes > 0 && out.length > 10; changes--) {
    // API key and version stay, most of the time: the dispatch alone is soon tested.
    const at = below(20) === 0 ? below(out.length) : 4 + below(out.length - 4)
    switch (below(6)) {
      case 0:
        out[at] = below(256)
        break
      case 1:
        out[at]! ^= 1 << below(8)
        break
      case 2:
        if (at + 4 <= out.length) out.writeInt32BE(INTERESTING[below(INTERESTING.length)]!, at)
        break
      case 3:
        out = out.subarray(0, Math.max(8, at))
        break
      case 4: {
        const part = out.subarray(at, at + below(64))
        out = Buffer.concat([out.subarray(0, at), part, part, out.subarray(at)])
        break
      }
      default:
        if (at + 2 <= out.length) out.writeInt16BE(INTERESTING[below(6)]!, at)
    }
  }
  return out
}
