/** The brokers of this user on this machine, wherever their data is. */
import type { RunningProcess } from '../broker/process/run-directory.ts'

/** Brokers started by `kt server-start` and `kt broker start` that are alive. */
export async function runningBrokers(): Promise<RunningProcess[]> {
  const { runningProcesses } = await import('../broker/process/run-directory.ts')
  return runningProcesses()
}
