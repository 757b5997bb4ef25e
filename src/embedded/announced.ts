import type { NodeState } from '../broker/process/state-file.ts'

/**
 * The broker that runs on a data directory, as far as its files tell: unlike `findRunning`, nothing is sent to it.
 */
export async function announcedBroker(dataDir: string): Promise<NodeState | undefined> {
  const { readState } = await import('../broker/process/state-file.ts')
  return readState(dataDir)
}
