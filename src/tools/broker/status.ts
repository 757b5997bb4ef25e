import { join } from 'node:path'
import { type Io, println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { findRunning, LOG_FILE } from '../../embedded/find-or-start.ts'
import { holderOf, stopBroker } from '../../embedded/stop-broker.ts'
import { durationText } from '../shared/duration-text.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'

/** As `service … status` has it: the program is not running. */
const NOT_RUNNING = 3

type State = NonNullable<Awaited<ReturnType<typeof findRunning>>>

/** A running broker as a row of structured output. */
export const stateRow = (state: State): Row => ({
  status: 'running',
  bootstrap: state.bootstrap,
  pid: state.pid,
  nodeId: state.nodeId,
  clusterId: state.clusterId,
  dataDir: state.dataDir,
  logDirs: state.logDirs,
  logFile: state.logFile ?? null,
  startTimestampMs: state.startedMs,
  idleTimeoutMs: state.idleTimeoutMs,
})

const secondsText = (ms: number): string => (ms < 1000 ? '0s' : durationText(ms))

const printState = (state: State, io: Io): void => {
  const rows: [string, string][] = [
    ['Broker', `running on ${state.bootstrap}`],
    ['Process', `${state.pid}, for ${secondsText(Date.now() - state.startedMs)}`],
    ['Node', `${state.nodeId} of cluster ${state.clusterId}`],
    ['Data', state.logDirs.join(', ')],
    ['Log', state.logFile ?? 'standard output of the process'],
    [
      'Stops',
      state.idleTimeoutMs > 0 ? `after ${secondsText(state.idleTimeoutMs)} without a client` : 'only when told to',
    ],
  ]
  for (const [name, text] of rows) println(io.out, `${`${name}:`.padEnd(9)}${text}`)
}

/** `kt broker status`; 0 when it runs and answers, 3 when there is none, 1 when its process doesn't answer. */
export const status = async (options: OptionSet, io: Io, dataDir: string): Promise<number> => {
  const format = outputFormat(options, io)
  const state = await findRunning(dataDir)
  const holder = state ? undefined : await holderOf(dataDir)
  const row: Row = state
    ? stateRow(state)
    : {
        status: holder ? 'notAnswering' : 'stopped',
        bootstrap: null,
        pid: holder?.pid ?? null,
        nodeId: null,
        clusterId: null,
        dataDir,
        logDirs: [],
        logFile: join(dataDir, LOG_FILE),
        startTimestampMs: null,
        idleTimeoutMs: null,
      }
  if (format) await printStructured(io, format, [row], Object.keys(row))
  else if (state) printState(state, io)
  else if (holder)
    println(
      io.out,
      `Process ${holder.pid} holds ${dataDir} but does not answer clients: it is starting, stopping or stuck.`,
    )
  else println(io.out, `No broker runs on ${dataDir}`)
  if (state) return 0
  return holder ? 1 : NOT_RUNNING
}

/** `kt broker stop`; 0 when a broker was stopped, 1 when there was none. */
export const stop = async (options: OptionSet, io: Io, dataDir: string): Promise<number> => {
  const format = outputFormat(options, io)
  const stopped = await stopBroker(dataDir)
  if (format)
    await printStructured(
      io,
      format,
      [{ isStopped: stopped !== undefined, pid: stopped?.pid ?? null, dataDir }],
      ['isStopped', 'pid', 'dataDir'],
    )
  else if (stopped) println(io.out, `Stopped broker (process ${stopped.pid}, data ${dataDir})`)
  else println(io.out, `No broker runs on ${dataDir}`)
  return stopped ? 0 : 1
}
