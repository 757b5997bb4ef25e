import type { NodeState } from '../broker/process/state-file.ts'
import { EmbeddedError } from './errors.ts'
import { waitFor } from './watch.ts'

/** A clean shutdown flushes every log; one that takes longer is reported. */
const STOP_MS = 60_000

/** The broker process of a data directory, answering or not. */
export interface Holder {
  pid: number
  /** What it announces; undefined while it starts or stops. */
  state: NodeState | undefined
}

/** Who runs on a data directory; undefined when nobody does. */
export async function holderOf(dataDir: string): Promise<Holder | undefined> {
  const [{ lockHolder }, { readState }] = await Promise.all([
    import('../broker/lock-file.ts'),
    import('../broker/process/state-file.ts'),
  ])
  const holder = lockHolder(dataDir)
  return holder && { pid: holder.pid, state: readState(dataDir) }
}

/**
 * Stops the broker of a data directory and waits until its process has given the directory back.
 * @returns what was stopped; undefined when nothing ran
 * @throws EmbeddedError when it may not be signalled or does not end
 */
export async function stopBroker(dataDir: string): Promise<Holder | undefined> {
  const { lockHolder } = await import('../broker/lock-file.ts')
  const holder = await holderOf(dataDir)
  if (!holder) return undefined
  const { pid } = holder
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw new EmbeddedError(`Process ${pid} can't be stopped: ${(error as Error).message}`, 'Stop it as its owner.', {
        cause: error,
      })
    }
  }
  const isGone = (): true | undefined => (lockHolder(dataDir)?.pid === pid ? undefined : true)
  if (await waitFor(dataDir, STOP_MS, isGone)) return holder
  throw new EmbeddedError(
    `Process ${pid} got the signal but has not ended within a minute.`,
    `See its log, or end it: kill -9 ${pid}`,
  )
}
