/** Definitions of client configs and the rules between them, as Java's Admin, producer and consumer configs have them. */
import { ConfigDef, type ConfigFact, type ConfigTexts, type ConfigValue, textEntries } from './config-def.ts'
import { ConfigError, invalidConfiguration, invalidValue } from './config-error.ts'
import { ConfigMap } from './config-map.ts'
import adminFacts from './facts/admin.json' with { type: 'json' }
import consumerFacts from './facts/consumer.json' with { type: 'json' }
import producerFacts from './facts/producer.json' with { type: 'json' }

/** Kinds of clients. */
export type ClientKind = 'admin' | 'producer' | 'consumer'

const CLIENT_CONFIG_DEFS: Readonly<Record<ClientKind, ConfigDef>> = {
  admin: new ConfigDef(adminFacts as readonly ConfigFact[]),
  producer: new ConfigDef(producerFacts as readonly ConfigFact[]),
  consumer: new ConfigDef(consumerFacts as readonly ConfigFact[]),
}

/** The idempotent producer keeps its order with no more requests in flight than this. */
const MAX_IN_FLIGHT_IDEMPOTENT = 5
const MAX_NAME_LENGTH = 249

/** What the group protocols don't know, by `group.protocol`. */
const UNSUPPORTED_BY_PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  CLASSIC: ['group.remote.assignor'],
  CONSUMER: ['partition.assignment.strategy', 'heartbeat.interval.ms', 'session.timeout.ms'],
}

/**
 * @param texts a client's properties; names without definition are ignored, as in Java
 * @returns all values, with what depends on other values settled (enable.idempotence, enable.auto.commit …)
 * @throws ConfigError in Java's words
 */
export function parseClientDefinitions(kind: ClientKind, texts: ConfigTexts): ConfigMap {
  const given = new Map(textEntries(texts))
  const values = new Map(CLIENT_CONFIG_DEFS[kind].parse(given))
  settleCommon(values, given)
  if (kind === 'producer') settleProducer(values, given)
  if (kind === 'consumer') settleConsumer(values, given)
  return new ConfigMap(values)
}

type Values = Map<string, ConfigValue>
type Given = ReadonlyMap<string, string>

function settleCommon(values: Values, given: Given): void {
  const protocol = String(values.get('security.protocol')).toUpperCase()
  values.set('security.protocol', protocol)
  if (protocol.startsWith('SASL_') && !values.get('sasl.mechanism')) {
    throw invalidValue(
      'sasl.mechanism',
      null,
      'When the security.protocol configuration enables SASL, mechanism must be non-null and non-empty string.',
    )
  }
  // Whoever sets only the lower bound wants no exponential growth.
  if (given.has('reconnect.backoff.ms') && !given.has('reconnect.backoff.max.ms')) {
    values.set('reconnect.backoff.max.ms', values.get('reconnect.backoff.ms')!)
  }
}

function settleProducer(values: Values, given: Given): void {
  const acks = values.get('acks') === 'all' ? '-1' : (values.get('acks') as string)
  values.set('acks', acks)
  if (values.get('enable.idempotence')) settleIdempotence(values, given, acks)
  if (!values.get('enable.idempotence') && given.has('transactional.id')) {
    throw new ConfigError('Cannot set a transactional.id without also enabling idempotence.')
  }
  if (values.get('transaction.two.phase.commit.enable') && given.has('transaction.timeout.ms')) {
    throw new ConfigError(
      'Cannot set transaction.timeout.ms when transaction.two.phase.commit.enable is set to true. ' +
        'Transactions will not expire with two-phase commit enabled.',
    )
  }
}

/** Idempotence is on by default, and off if other configs rule it out, unless it was asked for. */
function settleIdempotence(values: Values, given: Given, acks: string): void {
  const asked = given.has('enable.idempotence')
  const hasRetries = values.get('retries') !== 0
  if (asked && !hasRetries) throw new ConfigError('Must set retries to non-zero when using the idempotent producer.')
  if (asked && acks !== '-1') {
    throw new ConfigError(
      'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.',
    )
  }
  const inFlight = values.get('max.in.flight.requests.per.connection') as number
  if (inFlight > MAX_IN_FLIGHT_IDEMPOTENT) {
    throw new ConfigError(
      'To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most ' +
        `${MAX_IN_FLIGHT_IDEMPOTENT}. Current value is ${inFlight}.`,
    )
  }
  values.set('enable.idempotence', hasRetries && acks === '-1')
}

function settleConsumer(values: Values, given: Given): void {
  const protocol = String(values.get('group.protocol')).toUpperCase()
  values.set('group.protocol', protocol)
  if (values.get('group.id') === null) {
    if (given.has('enable.auto.commit') && values.get('enable.auto.commit')) {
      throw invalidConfiguration('enable.auto.commit cannot be set to true when default group id (null) is used.')
    }
    values.set('enable.auto.commit', false)
  }
  for (const name of UNSUPPORTED_BY_PROTOCOL[protocol] ?? []) {
    if (given.get(name)) throw new ConfigError(`${name} cannot be set when group.protocol=${protocol}`)
  }
  const instanceId = values.get('group.instance.id')
  if (typeof instanceId === 'string') checkGroupInstanceId(instanceId)
}

function checkGroupInstanceId(id: string): void {
  const refused = (reason: string) => invalidConfiguration(`Group instance id is invalid: ${reason}`)
  if (id === '.' || id === '..') throw refused(`'${id}' is not allowed`)
  if (id.length > MAX_NAME_LENGTH) {
    throw refused(`the length of '${id}' is longer than the max allowed length ${MAX_NAME_LENGTH}`)
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(id)) {
    throw refused(`'${id}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`)
  }
}
