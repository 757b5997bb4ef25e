/** What becomes of another tool's settings: profiles, and what there is to say about each. */
import type { Profile } from '../../config/profiles/profile-file.ts'

/** A profile taken over from elsewhere. */
export interface Imported {
  profile: Profile
  /** Sentences about what could not be taken over as it was; they never hold a value. */
  notes: string[]
}

/** A map of YAML as it was read. */
export type Tree = Readonly<Record<string, unknown>>

/** @returns the map there is, an empty one for null and nothing */
export const tree = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}

/** @returns the text of a scalar, undefined when there is none or it is empty */
export const text = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean'].includes(typeof value) && value !== '' ? String(value) : undefined

/** Reads fields of a map and remembers which, so that none is lost silently. */
export class Fields {
  readonly #tree: Tree
  readonly #path: string
  readonly #known = new Set<string>()

  constructor(value: unknown, path = '') {
    this.#tree = tree(value)
    this.#path = path
  }

  /** The value of a field; null, false, '' and nothing are nothing, and lose nothing. */
  get(name: string): unknown {
    this.#known.add(name)
    return this.#tree[name]
  }

  text(name: string): string | undefined {
    return text(this.get(name))
  }

  /** The fields of a map in a field. */
  fields(name: string): Fields {
    return new Fields(this.get(name), `${this.#path}${name}.`)
  }

  has(name: string): boolean {
    return this.#tree[name] !== undefined && this.#tree[name] !== null
  }

  /** Paths of fields with something in them that nobody asked for. */
  get unread(): string[] {
    const isEmpty = (value: unknown): boolean =>
      value === null || value === undefined || value === '' || value === false || value === 0
    return Object.entries(this.#tree)
      .filter(([name, value]) => !this.#known.has(name) && !isEmpty(value))
      .map(([name]) => `${this.#path}${name}`)
  }
}

/** Files of a TLS client, PEM all of them. */
export interface TlsFiles {
  ca?: string | undefined
  certificate?: string | undefined
  key?: string | undefined
}

/** PEM files as Java's properties; certificate and key of a client are two files elsewhere, and two properties here. */
export const tlsProperties = ({ ca, certificate, key }: TlsFiles): [string, string][] => [
  ...(ca === undefined
    ? []
    : ([
        ['ssl.truststore.type', 'PEM'],
        ['ssl.truststore.location', ca],
      ] as [string, string][])),
  ...(certificate === undefined || key === undefined
    ? []
    : ([
        ['ssl.keystore.type', 'PEM'],
        ['ssl.keystore.certificate.chain', `file:${certificate}`],
        ['ssl.keystore.key', `file:${key}`],
      ] as [string, string][])),
]

/** A name that a profile may have. */
export const profileNameOf = (name: string): string => {
  const clean = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return clean === '' || clean === 'embedded' ? `cluster-${clean || '1'}` : clean
}

/** host:port; 9092 where no port is said. */
export const addressList = (brokers: unknown): string =>
  (Array.isArray(brokers) ? brokers.map(String) : String(brokers ?? '').split(/[\s,]+/))
    .filter((one) => one !== '')
    .map((one) => (/:\d+$/.test(one) ? one : `${one}:9092`))
    .join(',')

/** A cluster as the YAML of kaf, kafkactl and rpk has it, each with names of its own. */
export interface ClusterSettings {
  name: string
  brokers: unknown
  description?: string | undefined
  hasTls: boolean
  tls: TlsFiles
  sasl: { mechanism?: string | undefined; username?: string | undefined; password?: string | undefined } | undefined
  properties?: [string, string][]
  notes: string[]
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

/** Makes a profile of a cluster's settings. */
export const clusterProfile = (settings: ClusterSettings): Imported => {
  const { hasTls, tls, sasl } = settings
  const notes = [...settings.notes]
  const properties = new Map<string, string>(settings.properties ?? [])
  const protocol = sasl === undefined ? (hasTls ? 'SSL' : 'PLAINTEXT') : hasTls ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  if (protocol !== 'PLAINTEXT') properties.set('security.protocol', protocol)
  for (const [name, value] of tlsProperties(tls)) properties.set(name, value)
  if ((tls.certificate === undefined) !== (tls.key === undefined)) {
    notes.push('a client certificate needs its key, and the key a certificate: the one that is there was left out.')
  }
  if (sasl !== undefined) {
    const mechanism = sasl.mechanism ?? 'PLAIN'
    properties.set('sasl.mechanism', mechanism)
    if (MECHANISMS.includes(mechanism)) {
      if (sasl.username !== undefined) properties.set('sasl.username', sasl.username)
      if (sasl.password !== undefined) properties.set('sasl.password', sasl.password)
      if (sasl.username === undefined || sasl.password === undefined) {
        notes.push('user or password are missing in the file; add sasl.username and sasl.password.')
      }
    } else {
      if (mechanism !== 'OAUTHBEARER') notes.push(`kt has no SASL mechanism ${mechanism}: it can't log in there.`)
      else if (!properties.has('sasl.oauthbearer.token.endpoint.url')) {
        notes.push('the login of mechanism OAUTHBEARER has to be written by hand as sasl.jaas.config.')
      }
    }
  }
  const name = profileNameOf(settings.name)
  if (name !== settings.name) notes.push(`it was called '${settings.name}'.`)
  const profile: Profile = {
    name,
    bootstrap: addressList(settings.brokers),
    properties,
    protected: false,
    readOnly: false,
    ...(settings.description === undefined ? {} : { description: settings.description }),
  }
  return { profile, notes }
}

/** What is said of fields that have no counterpart. */
export const unreadNotes = (...parts: readonly Fields[]): string[] => {
  const names = parts.flatMap(({ unread }) => unread)
  return names.length === 0 ? [] : [`not taken over, since kt has nothing like it: ${names.join(', ')}.`]
}

/** What is said where certificates were not to be checked. */
export const INSECURE_NOTE =
  'certificates were not checked there; kt checks them always: give it the CA as ssl.truststore.location (PEM).'
