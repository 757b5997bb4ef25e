import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decode } from '../../src/protocol/codec.ts'
import { encodeValue, loadMessages } from './generated-codecs.ts'
import { toKafkaJson } from './kafka-json.ts'

interface JavaBytes {
  message: string
  version: number
  /** Kafka's JSON form of the message, as text. */
  value: string
  /** What Kafka's own class wrote for it. */
  hex: string
}

const recorded = JSON.parse(readFileSync(new URL('java/java-bytes.json', import.meta.url), 'utf8')) as JavaBytes[]
const messages = new Map((await loadMessages()).map((message) => [message.name, message]))

describe("bytes written by Kafka's own classes", () => {
  it.each(recorded)('$message version $version', ({ message, version, value, hex }) => {
    const { codec, oracle } = messages.get(message)!
    const decoded = decode(codec, Buffer.from(hex, 'hex'), version)
    expect(toKafkaJson(oracle, decoded, version)).toBe(value)
    expect(encodeValue(codec, decoded, version).toString('hex')).toBe(hex)
  })
})
