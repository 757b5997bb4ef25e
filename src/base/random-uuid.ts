import { randomBytes } from 'node:crypto'

/** A random uuid in Kafka's text form: never the reserved ones, never one that starts with '-', which command lines take for an option. */
export function randomUuid(): string {
  for (;;) {
    const bytes = randomBytes(16)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    if (!text.startsWith('-')) return text
  }
}
