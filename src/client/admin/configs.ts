import type { Connection } from '../../net/connection.ts'
import { throwIfError } from '../../protocol/errors.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/generated/32-describe-configs.ts'
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/generated/44-incremental-alter-configs.ts'
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from '../../protocol/generated/74-list-config-resources.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import { connectController, noteController } from '../controller.ts'
import { failed, resultOf, withRetries, withRetriesPerKey } from '../retry.ts'
import type { Admin, ConfigEntry, ConfigResource, ConfigResourceType, ConfigSource, Result } from '../types.ts'

/** ConfigResource.Type in Java. */
const RESOURCE_TYPE_ID: Record<ConfigResourceType, number> = {
  topic: 2,
  broker: 4,
  'broker-logger': 8,
  'client-metrics': 16,
  group: 32,
}

const OPERATION_ID = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** DescribeConfigsResponse.ConfigSource in Java, by its number. */
const SOURCES: readonly ConfigSource[] = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
]
const sourceOf = (id: number): ConfigSource => SOURCES[id] ?? 'UNKNOWN'

/** A broker's own configs are answered and changed by that broker; everything else by any. */
const ownerOf = ({ type, name }: ConfigResource): number | null =>
  (type === 'broker' || type === 'broker-logger') && name !== '' ? Number(name) : null

const keyOf = (type: number, name: string): string => `${type}/${name}`

/** Runs `ask` per broker that has to answer, with the resources it answers for. */
async function perOwner<V>(
  cluster: Cluster,
  resources: ConfigResource[],
  anyone: () => Promise<Connection>,
  ask: (connection: Connection, resources: ConfigResource[]) => Promise<Map<string, Result<V>>>,
): Promise<Map<ConfigResource, Result<V>>> {
  const byOwner = new Map<number | null, ConfigResource[]>()
  for (const resource of resources)
    byOwner.set(ownerOf(resource), [...(byOwner.get(ownerOf(resource)) ?? []), resource])
  const results = new Map<ConfigResource, Result<V>>()
  const batches = [...byOwner].map(async ([owner, owned]) => {
    try {
      const connection = owner === null ? await anyone() : await connectOwner(cluster, owner)
      const answers = await ask(connection, owned)
      for (const resource of owned) {
        const answer = answers.get(keyOf(RESOURCE_TYPE_ID[resource.type], resource.name))
        if (answer) results.set(resource, answer)
      }
    } catch (error) {
      if (owner === null) throw error
      for (const resource of owned) results.set(resource, failed(error))
    }
  })
  await Promise.all(batches)
  return results
}

async function connectOwner(cluster: Cluster, id: number): Promise<Connection> {
  if (cluster.settings.bootstrapControllers) return cluster.connectAny(true)
  if (!Number.isInteger(id)) {
    throw new ClientError('config', 'Broker ids have to be integers.', { nextStep: 'Name a broker id such as 1.' })
  }
  return cluster.connectNode(id)
}

/** The configs of topics, brokers, groups …, defaults included. */
export async function describeConfigs(
  cluster: Cluster,
  resources: ConfigResource[],
  options: Parameters<Admin['describeConfigs']>[1] = {},
): ReturnType<Admin['describeConfigs']> {
  const ask = async (connection: Connection, open: ConfigResource[]): Promise<Map<string, Result<ConfigEntry[]>>> => {
    const { response } = await cluster.ask(connection, DescribeConfigsRequest, DescribeConfigsResponse, {
      message: (version) => ({
        resources: open.map(({ type, name }) => ({
          resourceType: RESOURCE_TYPE_ID[type],
          resourceName: name,
          configurationKeys: null,
        })),
        ...(version >= 1 ? { includeSynonyms: options.includeSynonyms ?? false } : {}),
        ...(version >= 3 ? { includeDocumentation: options.includeDocumentation ?? false } : {}),
      }),
    })
    return new Map(
      response.results.map((r): [string, Result<ConfigEntry[]>] => [
        keyOf(r.resourceType, r.resourceName),
        resultOf(r.errorCode, r.errorMessage, () => r.configs.map(configEntry)),
      ]),
    )
  }
  return withRetriesPerKey(cluster, 'describeConfigs', resources, (open) => {
    return perOwner(cluster, open, () => cluster.connectAny(true), ask)
  })
}

function configEntry(config: DescribeConfigsResponse['results'][number]['configs'][number]): ConfigEntry {
  return {
    name: config.name,
    value: config.value,
    source: sourceOf(config.configSource),
    isSensitive: config.isSensitive,
    isReadOnly: config.readOnly,
    synonyms: config.synonyms.map(({ name, value, source }) => ({ name, value, source: sourceOf(source) })),
    type: config.configType,
    documentation: config.documentation,
  }
}

/** Changes single configs of resources (KIP-339). */
export async function incrementalAlterConfigs(
  cluster: Cluster,
  changes: Parameters<Admin['incrementalAlterConfigs']>[0],
  options: Parameters<Admin['incrementalAlterConfigs']>[1] = {},
): ReturnType<Admin['incrementalAlterConfigs']> {
  const ask = async (connection: Connection, open: ConfigResource[]): Promise<Map<string, Result<void>>> => {
    const { response } = await cluster.ask(
      connection,
      IncrementalAlterConfigsRequest,
      IncrementalAlterConfigsResponse,
      {
        message: {
          validateOnly: options.validateOnly ?? false,
          resources: open.map((resource) => ({
            resourceType: RESOURCE_TYPE_ID[resource.type],
            resourceName: resource.name,
            configs: (changes.get(resource) ?? []).map(({ name, op, value }) => ({
              name,
              configOperation: OPERATION_ID[op],
              value: value ?? null,
            })),
          })),
        },
      },
    )
    return new Map(
      response.responses.map((r): [string, Result<void>] => [
        keyOf(r.resourceType, r.resourceName),
        resultOf(r.errorCode, r.errorMessage, () => undefined),
      ]),
    )
  }
  return withRetriesPerKey(cluster, 'incrementalAlterConfigs', [...changes.keys()], async (open) => {
    return noteController(cluster, await perOwner(cluster, open, () => connectController(cluster), ask))
  })
}

/** Which resources of the given types have configs (KIP-1142); a broker with version 0 knows client-metrics only. */
export async function listConfigResources(
  cluster: Cluster,
  types: ConfigResourceType[],
): ReturnType<Admin['listConfigResources']> {
  return withRetries(cluster, 'listConfigResources', async () => {
    const connection = await cluster.connectAny()
    const onlyMetrics = types.length === 1 && types[0] === 'client-metrics'
    const codec = onlyMetrics ? ListConfigResourcesRequest : { ...ListConfigResourcesRequest, minVersion: 1 }
    const version = connection.versions.pick(codec)
    const message = version >= 1 ? { resourceTypes: types.map((type) => RESOURCE_TYPE_ID[type]) } : {}
    const answer = await connection.send(ListConfigResourcesRequest, ListConfigResourcesResponse, message, { version })
    throwIfError(answer.errorCode)
    const names = new Map(Object.entries(RESOURCE_TYPE_ID).map(([type, id]) => [id, type as ConfigResourceType]))
    return answer.configResources.flatMap(({ resourceType, resourceName }): ConfigResource[] => {
      const type = names.get(version >= 1 ? resourceType : RESOURCE_TYPE_ID['client-metrics'])
      return type === undefined ? [] : [{ type, name: resourceName }]
    })
  })
}
