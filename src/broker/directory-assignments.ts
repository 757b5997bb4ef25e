import { ZERO_UUID } from '../base/uuid.ts'
import type { Controller } from './controller/controller.ts'
import type { MetadataImage } from './controller/metadata-image.ts'
import type { MetadataRecordDraft } from './controller/metadata-record.ts'
import type { Logger } from './logger.ts'
import type { Partition } from './partition.ts'
import type { Replicas } from './replicas.ts'

export interface DirectoryAssignmentsOptions {
  nodeId: number
  image: MetadataImage
  replicas: Replicas
  controller: Controller
  logger: Logger
  /** Directory id of each log directory, by path. */
  directoryIds: ReadonlyMap<string, string>
}

/**
 * Tells the controller which log directory each partition of this broker is in (KIP-858: AssignReplicasToDirs). With one directory the
 * controller knows by itself.
 */
export class DirectoryAssignments {
  private readonly options: DirectoryAssignmentsOptions
  private readonly waiting = new Set<Partition>()

  constructor(options: DirectoryAssignmentsOptions) {
    this.options = options
    if (options.directoryIds.size < 2) return
    options.image.onChange((change) => {
      if (change.kind !== 'partition-added') return
      const partition = options.replicas.find(change.topic.name, change.partition.partition)
      if (partition) this.assign(partition)
    })
    for (const partition of options.replicas.all()) this.assign(partition)
  }

  /** Has the partition's directory written down if it isn't yet. */
  assign(partition: Partition): void {
    if (this.options.directoryIds.size < 2) return
    this.waiting.add(partition)
    if (this.waiting.size > 1) return
    queueMicrotask(() => {
      this.options.controller
        .run(({ append }) => this.write(append))
        .catch((error: unknown) =>
          this.options.logger.error({ err: error }, "partitions' log directories could not be written down"),
        )
    })
  }

  private async write(append: (records: readonly MetadataRecordDraft[]) => Promise<void>): Promise<void> {
    const { image, nodeId, directoryIds, replicas } = this.options
    const records: MetadataRecordDraft[] = []
    for (const partition of this.waiting) {
      const known = image.topicsById.get(partition.topicId)?.partitions[partition.index]
      const id = directoryIds.get(replicas.dirOf(partition))
      const at = known?.replicas.indexOf(nodeId) ?? -1
      if (!known || id === undefined || at < 0 || known.directories[at] === id) continue
      const directories = known.replicas.map((_, i) => (i === at ? id : (known.directories[i] ?? ZERO_UUID)))
      const data = { topicId: partition.topicId, partitionId: partition.index, directories }
      records.push({ type: 'PartitionChangeRecord', data })
    }
    this.waiting.clear()
    for (let i = 0; i < records.length; i += 1000) await append(records.slice(i, i + 1000))
  }
}
