/**
 * DescribeLogDirs: sizes of partitions in each log directory; v1-5.
 *
 * - Topics null means all. A directory is listed even when nothing asked for is in it.
 * - v3 adds a top-level error, v4 the sizes of the volume (KIP-827), v5 whether the directory is cordoned (KIP-1066; never here).
 */
import { statfs } from 'node:fs/promises'
import type { Draft } from '../../protocol/codec.ts'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../../protocol/generated/35-describe-log-dirs.ts'
import { AclOperation } from '../authorizer/authorizer.ts'
import { clusterRight } from '../authorizer/rights.ts'
import { defineApi } from '../define-api.ts'

async function volume(dir: string): Promise<{ totalBytes: bigint; usableBytes: bigint }> {
  try {
    const found = await statfs(dir, { bigint: true })
    return { totalBytes: found.blocks * found.bsize, usableBytes: found.bavail * found.bsize }
  } catch {
    return { totalBytes: -1n, usableBytes: -1n }
  }
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
      const topics = new Map<string, { partitionIndex: number; partitionSize: bigint }[]>()
      for (const partition of services.replicas.all()) {
        if (partition.log.directory.startsWith(`${logDir}/`) && (!wanted || wanted.has(partition.key))) {
          const list = topics.get(partition.topic) ?? []
          list.push({ partitionIndex: partition.index, partitionSize: BigInt(partition.log.sizeBytes) })
          topics.set(partition.topic, list)
        }
      }
      results.push({
        logDir,
        topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
        ...(await volume(logDir)),
      })
    }
    return { results }
  },
  failure: (_request, errorCode): Draft<DescribeLogDirsResponse> => ({ errorCode }),
})
