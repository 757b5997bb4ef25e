/**
 * DescribeLogDirs: sizes of partitions in each log directory; v1-5.
 *
 * - Topics null means all. A directory is listed even when nothing asked for is in it.
 * - A partition that moves between directories is listed in both, as a future replica in the new one (KIP-113).
 * - v3 adds a top-level error, v4 the sizes of the volume (KIP-827), v5 whether the directory is cordoned (KIP-1066).
 */
import { statfs } from 'node:fs/promises'
import type { Draft } from '../../protocol/codec.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/generated/35-describe-log-dirs.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'
import type { Partition } from '../partition.ts'
import type { Replicas } from '../replicas.ts'

async function volume(dir: string): Promise<{ totalBytes: bigint; usableBytes: bigint }> {
  try {
    const found = await statfs(dir, { bigint: true })
    return { totalBytes: found.blocks * found.bsize, usableBytes: found.bavail * found.bsize }
  } catch {
    return { totalBytes: -1n, usableBytes: -1n }
  }
}

type Found = DescribeLogDirsResponse['results'][number]['topics'][number]['partitions'][number]

/** The logs of partitions in a directory, those on their way to it included. */
function logsIn(
  replicas: Replicas,
  dir: string,
  isWanted: (partition: Partition) => boolean,
): Map<string, Draft<Found>[]> {
  const topics = new Map<string, Draft<Found>[]>()
  for (const partition of replicas.all()) {
    if (!isWanted(partition)) continue
    const { log, topic, index: partitionIndex } = partition
    const future = replicas.futureOf(partition)
    const found: Draft<Found>[] = []
    if (replicas.dirOf(partition) === dir) {
      const offsetLag = BigInt(Math.max(0, log.highWatermark - log.logEndOffset))
      found.push({ partitionIndex, partitionSize: BigInt(log.sizeBytes), offsetLag })
    }
    if (future?.dir === dir) {
      const offsetLag = BigInt(log.logEndOffset - future.log.logEndOffset)
      found.push({ partitionIndex, partitionSize: BigInt(future.log.sizeBytes), offsetLag, isFutureKey: true })
    }
    if (found.length > 0) topics.set(topic, [...(topics.get(topic) ?? []), ...found])
  }
  return topics
}

export const describeLogDirs = defineApi({
  request: DescribeLogDirsRequest,
  response: DescribeLogDirsResponse,
  min: 1,
  max: 5,
  auth: clusterRight(AclOperation.DESCRIBE),
  async handle({ services }, request): Promise<Draft<DescribeLogDirsResponse>> {
    const wanted = request.topics && new Set(request.topics.flatMap((t) => t.partitions.map((p) => `${t.topic}-${p}`)))
    const results = []
    for (const logDir of services.replicas.logDirs) {
      const topics = logsIn(services.replicas, logDir, ({ key }) => !wanted || wanted.has(key))
      results.push({
        logDir,
        isCordoned: services.configs.broker.topology.cordonedLogDirs.includes(logDir),
        topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
        ...(await volume(logDir)),
      })
    }
    return { results }
  },
  failure: (_request, errorCode): Draft<DescribeLogDirsResponse> => ({ errorCode }),
})
