import type { Address, SecurityProtocol } from '../settings.ts'
import type { FirstAnswer } from './first-answer.ts'
import { askPlain, guessServer } from './guess-server.ts'
import { HopFailure, type Passed } from './hop.ts'

const METADATA = 3

const withTls = (protocol: SecurityProtocol): string => (protocol.startsWith('SASL') ? 'SASL_SSL' : 'SSL')

const wantsTls = (protocol: SecurityProtocol): HopFailure =>
  new HopFailure(
    'the port speaks TLS, and security.protocol has none',
    'It is a listener with TLS.',
    `Set security.protocol=${withTls(protocol)} in the file of --command-config, with ssl.truststore.location if its authority is your own; or use the port of a listener without TLS.`,
  )

const stranger = (what: string, detail: string, nextStep: string): HopFailure =>
  new HopFailure(detail, `${what} listens there, not a Kafka broker.`, nextStep)

const KAFKAS_PORT = "Correct the port: Kafka's own is usually 9092."

/** What an answer that isn't a broker's means. */
const failureOf = (answer: FirstAnswer, protocol: SecurityProtocol): HopFailure => {
  switch (answer.kind) {
    case 'tls':
      return wantsTls(protocol)
    case 'http':
      return stranger(
        'An HTTP server',
        `it answers "${answer.line}"`,
        `${KAFKAS_PORT} A REST proxy, a schema registry or a console has a port of its own.`,
      )
    case 'zookeeper':
      return stranger(
        'A ZooKeeper',
        'it answers as ZooKeeper does',
        `Use a broker's port, usually 9092, not ZooKeeper's 2181.`,
      )
    case 'ssh':
      return stranger('An SSH server', 'it answers "SSH-"', KAFKAS_PORT)
    case 'other':
      return stranger('Something else', `it answers "${answer.text}"`, KAFKAS_PORT)
    case 'closed':
      return new HopFailure(
        'it closes the connection without an answer',
        'It is no Kafka broker, or a proxy whose broker is down, or a broker that refuses this address (max.connections.per.ip, a quota).',
        "See what listens on that port, and the broker's log.",
      )
    default:
      return new HopFailure(
        'it accepts the connection and says nothing',
        'Something else than a broker listens there, or a broker that hangs.',
        `${KAFKAS_PORT} If it is the broker, see its log and its load.`,
      )
  }
}

/** The versions a broker offers, in a sentence; a controller's port is not for clients. */
const passed = (answer: FirstAnswer & { kind: 'kafka' }): Passed<FirstAnswer & { kind: 'kafka' }> => {
  if (!answer.apis.some(({ apiKey }) => apiKey === METADATA)) {
    throw new HopFailure(
      'a Kafka controller answers, which has no Metadata for clients',
      'The port is that of the controllers (controller.listener.names).',
      'Use the port of a broker, of listeners; or --bootstrap-controller with the commands that have it.',
    )
  }
  return { detail: `a Kafka broker answers, with ${answer.apis.length} APIs`, value: answer }
}

/** Kafka without TLS: whether a broker answers ApiVersions; else what there is in its place. */
export const askVersions = async (
  address: Address,
  protocol: SecurityProtocol,
  timeoutMs: number,
): Promise<Passed<unknown>> => {
  const answer = await askPlain(address, Math.ceil(timeoutMs / 2))
  if (answer.kind === 'kafka') return passed(answer)
  if (answer.kind !== 'closed' && answer.kind !== 'silent') throw failureOf(answer, protocol)
  const guess = await guessServer(address, Math.floor(timeoutMs / 2))
  if (guess === 'tls') throw wantsTls(protocol)
  if (guess === 'http') throw failureOf({ kind: 'http', line: 'HTTP' }, protocol)
  throw failureOf(guess ? { kind: guess } : answer, protocol)
}

/** Kafka over TLS: the answer was read during the hop before. */
export const judgeVersions = (answer: FirstAnswer, protocol: SecurityProtocol): Passed<unknown> => {
  if (answer.kind === 'kafka') return passed(answer)
  throw failureOf(answer, protocol)
}
