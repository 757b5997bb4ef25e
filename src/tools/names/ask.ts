import type { Io } from '../../cli/io.ts'
import type { Admin } from '../../client/types.ts'
import { EMBEDDED } from '../../config/profiles/current.ts'
import { type Connect, connectWith, loadProperties, type Properties } from '../shared/connect.ts'
import type { Known } from './cache.ts'
import type { Target } from './target.ts'

/** What a cluster is asked for in one go, and what is kept in one file. */
export type ClusterSource =
  | 'topics'
  | 'groups'
  | 'brokers'
  | 'transactions'
  | 'features'
  | 'users'
  | 'clients'
  | 'metrics'

const plain = (names: Iterable<string>): Known[] => [...new Set(names)].sort().map((name) => ({ name, detail: '' }))

const topicsOf = async (admin: Admin): Promise<Known[]> => {
  const names = (await admin.listTopics({ listInternal: true })).map(({ name }) => name).sort()
  const described = await admin.describeTopics(names)
  return names.map((name) => {
    const result = described.get(name)
    return { name, detail: result?.ok ? String(result.value.partitions.length) : '' }
  })
}

const quotaEntities = async (admin: Admin, type: 'user' | 'client-id'): Promise<string[]> => {
  const entries = await admin.describeClientQuotas([{ entityType: type, match: 'any' }], false)
  return entries.flatMap(({ entity }) => [...entity].flatMap(([key, name]) => (key === type && name ? [name] : [])))
}

/** Where names come from: a cluster, or the file of profiles. */
export type NameSource = ClusterSource | 'profiles'

const asking: Record<ClusterSource, (admin: Admin) => Promise<Known[]>> = {
  topics: topicsOf,
  groups: async (admin) =>
    (await admin.listGroups()).map(({ groupId, type }) => ({ name: groupId, detail: type.toLowerCase() })),
  brokers: async (admin) => plain((await admin.describeCluster()).nodes.map(({ id }) => String(id))),
  transactions: async (admin) =>
    plain([...(await admin.listTransactions()).values()].flat().map(({ transactionalId }) => transactionalId)),
  features: async (admin) => plain((await admin.describeFeatures()).supported.keys()),
  users: async (admin) => {
    const [scram, quotas] = await Promise.allSettled([
      admin.describeUserScramCredentials(null),
      quotaEntities(admin, 'user'),
    ])
    return plain([
      ...(scram.status === 'fulfilled' ? scram.value.keys() : []),
      ...(quotas.status === 'fulfilled' ? quotas.value : []),
    ])
  },
  clients: async (admin) => plain(await quotaEntities(admin, 'client-id')),
  metrics: async (admin) => plain((await admin.listConfigResources(['client-metrics'])).map(({ name }) => name)),
}

/** The names of all profiles, and of what goes without one. */
export const profileNames = async (io: Pick<Io, 'env'>): Promise<Known[]> => {
  const { ProfileFile } = await import('../../config/profiles/profile-file.ts')
  return plain([...new ProfileFile(io.env).profiles.keys(), EMBEDDED])
}

/** What a profile says where its secret is may ask for a passphrase: not while somebody types a command. */
const MAY_ASK = /^(?:exec|keyring):/

const profileProperties = async (name: string, io: Io): Promise<Properties> => {
  const [{ ProfileFile }, { clientPropertiesOf }] = await Promise.all([
    import('../../config/profiles/profile-file.ts'),
    import('../../config/profiles/client-properties.ts'),
  ])
  const profile = new ProfileFile(io.env).get(name)
  if ([...profile.properties].some(([, value]) => MAY_ASK.test(value)))
    throw new Error(`${name} may ask for its secret`)
  const properties = new Map(await clientPropertiesOf(profile, io.env))
  return properties.set('bootstrap.servers', profile.bootstrap)
}

/** The client's properties: those of profile and file, with the address over them. */
const propertiesOf = async ({ servers, profile, configFile }: Target, io: Io): Promise<Properties> => {
  const properties = profile === undefined ? new Map<string, string>() : await profileProperties(profile, io)
  const address = servers || properties.get('bootstrap.servers')
  if (configFile !== undefined)
    for (const [name, value] of await loadProperties(configFile)) properties.set(name, value)
  properties.delete('bootstrap.controllers')
  return properties.set('bootstrap.servers', address ?? '')
}

/** Asks a cluster, and is silent about it: what the client would warn of belongs into nobody's command line. */
export const askNames = async (
  target: Target,
  source: ClusterSource,
  timeoutMs: number,
  io: Io,
  connect: Connect = connectWith,
): Promise<Known[]> => {
  const properties = await propertiesOf(target, io)
  properties.set('default.api.timeout.ms', String(timeoutMs))
  properties.set('request.timeout.ms', String(timeoutMs))
  const { SilentOutput } = await import('./silent-output.ts')
  const admin = await connect(properties, { ...io, err: new SilentOutput(), stdinIsTTY: false })
  try {
    return await asking[source](admin)
  } finally {
    void admin.close().catch(() => undefined)
  }
}
