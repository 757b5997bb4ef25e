import { throwIfError } from '../../protocol/errors.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/generated/18-api-versions.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/generated/60-describe-cluster.ts'
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../../protocol/generated/64-unregister-broker.ts'
import type { Cluster } from '../cluster.ts'
import { CONTROLLER_ENDPOINT } from '../cluster.ts'
import { askController } from '../controller.ts'
import type { ClusterEndpoints, OperationsAdmin, VersionRange } from '../operations-types.ts'
import { failed, ok, withRetries } from '../retry.ts'
import type { Result } from '../types.ts'

/** Fenced brokers can be asked for from this version on (KIP-1073). */
const FENCED_SINCE = 2

/** The nodes of the cluster: brokers, or controllers when it was reached through those. */
export async function describeClusterEndpoints(
  cluster: Cluster,
  { includeFencedBrokers = false }: Parameters<OperationsAdmin['describeClusterEndpoints']>[0] = {},
): Promise<ClusterEndpoints> {
  return withRetries(cluster, 'describeCluster', async () => {
    const connection = await cluster.connectAny(true)
    const codec = includeFencedBrokers
      ? { ...DescribeClusterRequest, minVersion: FENCED_SINCE }
      : DescribeClusterRequest
    const { response } = await cluster.ask(connection, codec, DescribeClusterResponse, {
      message: {
        ...(cluster.settings.bootstrapControllers ? { endpointType: CONTROLLER_ENDPOINT } : {}),
        ...(includeFencedBrokers ? { includeFencedBrokers } : {}),
      },
    })
    throwIfError(response.errorCode, response.errorMessage)
    return {
      clusterId: response.clusterId,
      controllerId: response.controllerId,
      nodes: response.brokers.map(({ brokerId, host, port, rack, isFenced }) => ({
        id: brokerId,
        host,
        port,
        rack,
        isFenced,
      })),
    }
  })
}

/** Forgets a broker that will not come back (KIP-746). */
export async function unregisterBroker(cluster: Cluster, brokerId: number): Promise<void> {
  await askController(cluster, 'unregisterBroker', async (connection) => {
    const answer = await connection.send(UnregisterBrokerRequest, UnregisterBrokerResponse, { brokerId })
    throwIfError(answer.errorCode, answer.errorMessage)
  })
}

/** What each live broker offers. */
export async function listApiVersions(cluster: Cluster): ReturnType<OperationsAdmin['listApiVersions']> {
  await withRetries(cluster, 'metadata', () => cluster.refresh([]))
  return Promise.all(
    [...cluster.metadata.nodes.values()].map(async (node) => {
      let versions: Result<ReadonlyMap<number, VersionRange>>
      try {
        const connection = await cluster.connectNode(node.id)
        const { response } = await cluster.ask(connection, ApiVersionsRequest, ApiVersionsResponse, {
          message: (version) => (version >= 3 ? { clientSoftwareName: 'kt', clientSoftwareVersion: '0' } : {}),
        })
        throwIfError(response.errorCode)
        versions = ok(
          new Map(response.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }])),
        )
      } catch (error) {
        versions = failed(error)
      }
      return { node, versions }
    }),
  )
}
