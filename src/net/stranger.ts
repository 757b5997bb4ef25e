import { ClientError } from './client-error.ts'
import type { FrameSizeError } from './framing.ts'

/** Recognises what answered instead of a Kafka broker by its first bytes. */
export function describeStranger(error: FrameSizeError, where: { host: string; port: number }): ClientError {
  const at = `${where.host}:${where.port}`
  const { firstBytes } = error
  const text = firstBytes.toString('latin1')
  if ((firstBytes[0] === 0x15 || firstBytes[0] === 0x16) && firstBytes[1] === 0x03) {
    return new ClientError('not-kafka', `${at} speaks TLS, but this client does not.`, {
      ...where,
      cause: error,
      nextStep: 'Set security.protocol=SSL or SASL_SSL, or use the port of the plaintext listener.',
    })
  }
  const name = text.startsWith('HTTP/') ? 'an HTTP server' : text.startsWith('SSH-') ? 'an SSH server' : null
  const shown = text.replace(/[^\x20-\x7e]+/g, '.').slice(0, 40)
  return new ClientError(
    'not-kafka',
    name ? `${at} does not speak Kafka: it is ${name}.` : `${at} does not speak Kafka: it answered "${shown}".`,
    { ...where, cause: error, nextStep: "Check the port: Kafka's own is usually 9092." },
  )
}
