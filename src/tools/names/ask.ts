import type { Io } from '../../cli/io.ts'
import type { Admin } from '../../client/types.ts'
import { type Connect, connectWith, loadProperties } from '../shared/connect.ts'
import type { Known } from './cache.ts'
import type { Target } from './target.ts'

/** What is asked for in one go, and kept in one file. */
export type NameSource = 'topics' | 'groups' | 'brokers' | 'transactions' | 'features' | 'users' | 'clients' | 'metrics'

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

const asking: Record<NameSource, (admin: Admin) => Promise<Known[]>> = {
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

/** Asks a cluster, and is silent about it: what the client would warn of belongs into nobody's command line. */
export const askNames = async (
  target: Target,
  source: NameSource,
  timeoutMs: number,
  io: Io,
  connect: Connect = connectWith,
): Promise<Known[]> => {
  const properties =
    target.configFile === undefined ? new Map<string, string>() : await loadProperties(target.configFile)
  properties.delete('bootstrap.controllers')
  properties.set('bootstrap.servers', target.servers)
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
