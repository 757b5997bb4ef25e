/** The YAML files of kaf, kafkactl and rpk. */
import { clusterProfile, Fields, type Imported, INSECURE_NOTE, tree, unreadNotes } from './imported.ts'

/** ~/.kaf/config: a list of clusters. */
export const fromKaf = (content: unknown): Imported[] => {
  const clusters = tree(content).clusters
  return (Array.isArray(clusters) ? clusters : []).map((one: unknown, i) => {
    const cluster = new Fields(one)
    const tls = cluster.fields('TLS')
    const sasl = cluster.fields('SASL')
    const protocol = cluster.text('security-protocol') ?? ''
    const isInsecure = tls.get('insecure') === true
    const isSasl = cluster.has('SASL') || protocol.startsWith('SASL')
    // The version of SASL's handshake and the one of Kafka are found out by kt itself.
    sasl.get('version')
    cluster.get('version')
    const scopes = sasl.get('scopes')
    const oauth: [string, string | undefined][] = [
      ['sasl.oauthbearer.token.endpoint.url', sasl.text('tokenURL')],
      ['sasl.oauthbearer.client.credentials.client.id', sasl.text('clientID')],
      ['sasl.oauthbearer.client.credentials.client.secret', sasl.text('clientSecret')],
      ['sasl.oauthbearer.scope', Array.isArray(scopes) ? scopes.join(' ') : undefined],
    ]
    return clusterProfile({
      properties: oauth.filter((pair): pair is [string, string] => pair[1] !== undefined),
      name: cluster.text('name') ?? `kaf-${i + 1}`,
      brokers: cluster.get('brokers'),
      hasTls: cluster.has('TLS') || protocol.endsWith('SSL'),
      tls: { ca: tls.text('cafile'), certificate: tls.text('clientfile'), key: tls.text('clientkeyfile') },
      sasl: isSasl
        ? { mechanism: sasl.text('mechanism'), username: sasl.text('username'), password: sasl.text('password') }
        : undefined,
      notes: [...(isInsecure ? [INSECURE_NOTE] : []), ...unreadNotes(cluster, tls, sasl)],
    })
  })
}

/** kafkactl's names of mechanisms. */
const KAFKACTL_MECHANISMS: Readonly<Record<string, string>> = {
  plaintext: 'PLAIN',
  'scram-sha256': 'SCRAM-SHA-256',
  'scram-sha512': 'SCRAM-SHA-512',
  oauth: 'OAUTHBEARER',
}

/** kafkactl's config.yml: contexts by name. */
export const fromKafkactl = (content: unknown): Imported[] =>
  Object.entries(tree(tree(content).contexts)).map(([name, one]) => {
    const context = new Fields(one)
    const tls = context.fields('tls')
    const sasl = context.fields('sasl')
    const kubernetes = context.fields('kubernetes')
    const hasTls = tls.get('enabled') === true
    const hasSasl = sasl.get('enabled') === true
    const notes: string[] = []
    if (tls.get('insecure') === true && hasTls) notes.push(INSECURE_NOTE)
    if (kubernetes.get('enabled') === true) notes.push('it is reached through Kubernetes there; kt connects directly.')
    // What Kafka's version is, kt finds out by itself.
    context.get('kafkaVersion')
    const mechanism = sasl.text('mechanism') ?? 'plaintext'
    const clientId = context.text('clientID')
    const tlsFiles = { ca: tls.text('ca'), certificate: tls.text('cert'), key: tls.text('certKey') }
    const login = { username: sasl.text('username'), password: sasl.text('password') }
    return clusterProfile({
      name,
      brokers: context.get('brokers'),
      hasTls,
      tls: hasTls ? tlsFiles : {},
      sasl: hasSasl ? { mechanism: KAFKACTL_MECHANISMS[mechanism] ?? mechanism.toUpperCase(), ...login } : undefined,
      properties: clientId === undefined ? [] : [['client.id', clientId]],
      notes: [...notes, ...unreadNotes(context, tls, sasl)],
    })
  })

/** rpk.yaml: a list of profiles, of which the Kafka API is taken. */
export const fromRpk = (content: unknown): Imported[] => {
  const profiles = tree(content).profiles
  return (Array.isArray(profiles) ? profiles : []).map((one: unknown, i) => {
    const profile = new Fields(one)
    const api = profile.fields('kafka_api')
    const tls = api.fields('tls')
    const sasl = api.fields('sasl')
    const isInsecure = tls.get('insecure_skip_verify') === true
    return clusterProfile({
      name: profile.text('name') ?? `rpk-${i + 1}`,
      description: profile.text('description'),
      // rpk's own default.
      brokers: api.get('brokers') ?? '127.0.0.1:9092',
      // An empty map means TLS there.
      hasTls: api.has('tls') && tls.get('enabled') !== false,
      tls: {
        ca: tls.text('ca_file') ?? tls.text('truststore_file'),
        certificate: tls.text('cert_file'),
        key: tls.text('key_file'),
      },
      sasl: api.has('sasl')
        ? {
            mechanism: (sasl.text('mechanism') ?? sasl.text('type'))?.toUpperCase(),
            username: sasl.text('user'),
            password: sasl.text('password'),
          }
        : undefined,
      notes: [...(isInsecure ? [INSECURE_NOTE] : []), ...unreadNotes(profile, api, tls, sasl)],
    })
  })
}
