import { randomUUID } from 'node:crypto'

/** @returns a new member id, for clients that don't choose their own: a uuid in Kafka's text form, without a dash in front */
export function newMemberId(): string {
  for (;;) {
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
