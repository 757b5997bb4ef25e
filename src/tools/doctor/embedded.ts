import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Io } from '../../cli/io.ts'
import type { Budget, Hop } from '../../client/diagnosis/hop.ts'
import { HopFailure, takeHop } from '../../client/diagnosis/hop.ts'
import { resolveDataDir } from '../../embedded/data-dir.ts'
import { findRunning, isReachable, PREFERRED_PORT } from '../../embedded/find-or-start.ts'
import { holderOf } from '../../embedded/stop-broker.ts'

/** A broker that has less room stops writing soon. */
const LOW_BYTES = 256 * 1024 * 1024

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`

/** The directory, or the nearest one above it that is there. */
const existing = (path: string): string => {
  let at = path
  while (statSync(at, { throwIfNoEntry: false }) === undefined && dirname(at) !== at) at = dirname(at)
  return at
}

const checkDirectory = (dataDir: string): string => {
  const there = statSync(dataDir, { throwIfNoEntry: false })
  if (there && !there.isDirectory()) {
    throw new HopFailure(`${dataDir} is no directory`, 'KT_DATA_DIR names a file.', 'Set KT_DATA_DIR to a directory.')
  }
  const { bavail, bsize } = statfsSync(existing(dataDir))
  const freeBytes = bavail * bsize
  if (freeBytes < LOW_BYTES) {
    throw new HopFailure(
      `${megabytes(freeBytes)} are free for ${dataDir}`,
      'The disk is full.',
      'Make room, or set KT_DATA_DIR to another disk.',
    )
  }
  return `${there ? 'data directory' : 'no data directory yet; a command will make it'}, ${megabytes(freeBytes)} free`
}

/** The port a broker would take, when none runs. */
const portText = async (): Promise<string> =>
  (await isReachable('localhost', PREFERRED_PORT))
    ? `port ${PREFERRED_PORT} is taken by something else, so that it would take another`
    : `port ${PREFERRED_PORT} is free`

/** Which broker of the directory runs; undefined for none. */
const lookForBroker = async (dataDir: string): Promise<{ detail: string; value: string | undefined }> => {
  const state = await findRunning(dataDir)
  if (state) {
    const { bootstrap, pid, nodeId } = state
    return { detail: `node ${nodeId} runs on ${bootstrap}, process ${pid}, which holds the lock`, value: bootstrap }
  }
  const holder = await holderOf(dataDir)
  if (!holder) {
    const detail = `none runs; the first command that needs one starts it (${await portText()})`
    return { detail, value: undefined }
  }
  throw new HopFailure(
    `process ${holder.pid} holds ${dataDir} and does not answer clients`,
    holder.state
      ? `It announced ${holder.state.bootstrap}, and hangs or is stopped.`
      : 'It is just starting or stopping, or hangs.',
    'Wait a moment; else see `kt broker logs`, and end it with `kt broker stop`.',
  )
}

/**
 * The embedded broker: its directory, lock and port.
 * @returns where it listens; undefined when there is nothing further to walk to
 */
export const walkEmbedded = async (io: Io, budget: Budget, report: (hop: Hop) => void): Promise<string | undefined> => {
  const dataDir = resolveDataDir(io.env)
  const directory = await takeHop('embedded', dataDir, budget, () =>
    Promise.resolve().then(() => ({ detail: checkDirectory(dataDir), value: true })),
  )
  report(directory.hop)
  const broker = await takeHop('embedded', 'broker', budget, () => lookForBroker(dataDir))
  report(broker.hop)
  return broker.value
}
