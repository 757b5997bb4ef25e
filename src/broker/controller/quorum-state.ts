import { ZERO_UUID } from '../../base/uuid.ts'
import { type FileSystem, readWholeFile, writeAtomically } from '../../storage/file-system.ts'

const FILE = 'quorum-state'
export interface QuorumState {
  leaderId: number
  leaderEpoch: number
}

/** Reads the election state of a KRaft node; undefined when there is none or it can't be read (then the log says the epoch). */
export function readQuorumState(fileSystem: FileSystem, directory: string): QuorumState | undefined {
  const text = readWholeFile(fileSystem, `${directory}/${FILE}`)?.toString()
  if (text === undefined) return undefined
  try {
    const { leaderId, leaderEpoch } = JSON.parse(text) as Partial<QuorumState>
    return { leaderId: Number(leaderId ?? -1), leaderEpoch: Number(leaderEpoch ?? 0) }
  } catch {
    return undefined
  }
}

/** Records that this node leads. Version 1 of the file goes with dynamic voters (KIP-853), version 0 with static ones. */
export function writeQuorumState(
  fileSystem: FileSystem,
  directory: string,
  { nodeId, epoch, dynamicVoters }: { nodeId: number; epoch: number; dynamicVoters: boolean },
): void {
  const state = dynamicVoters
    ? { leaderId: nodeId, leaderEpoch: epoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 }
    : {
        clusterId: '',
        leaderId: nodeId,
        leaderEpoch: epoch,
        votedId: -1,
        appliedOffset: 0,
        currentVoters: [{ voterId: nodeId }],
        data_version: 0,
      }
  writeAtomically(fileSystem, directory, FILE, JSON.stringify(state))
}
