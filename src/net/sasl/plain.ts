import type { SaslMechanism } from './exchange.ts'

/** PLAIN (RFC 4616): user and password in one message, so it should go over TLS. */
export function plainMechanism(username: string, password: string): SaslMechanism {
  return {
    name: 'PLAIN',
    exchange: () => ({
      start: () => Buffer.from(`\0${username}\0${password}`),
      next: () => null,
    }),
  }
}
