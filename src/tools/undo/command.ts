import { basename, join, resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { ownHelp } from '../../cli/usage.ts'
import type { Admin } from '../../client/types.ts'
import { usingAdmin } from '../shared/admin-command.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { type Connect, commandProperties, connectionProperties, connectWith } from '../shared/connect.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'
import { planOf, putBack } from './put-back.ts'
import { nextUndo, readUndo, setUnfinished, subjectOf, undoDir, undoNames } from './undo-file.ts'
import type { UndoRecord } from './undo-schema.ts'

export { spec }

const helpText = (io: Io): string => ownHelp(spec, 'Usage: kt undo [FILE] [options]', io)

const list = async (options: OptionSet, io: Io): Promise<number> => {
  const records: { path: string; record: UndoRecord }[] = []
  for (const name of undoNames(io.env)) {
    const path = join(undoDir(io.env), name)
    records.push({ path, record: await readUndo(path) })
  }
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const rows = records.map(({ path, record }) => ({
      timestampMs: Date.parse(record.time),
      change: subjectOf(record),
      cluster: record.cluster.profile ?? record.cluster.server,
      file: path,
    }))
    await printStructured(io, format, rows, ['timestampMs', 'change', 'cluster', 'file'])
    return 0
  }
  if (records.length === 0) println(io.err, `There are no undo files in ${undoDir(io.env)}.`)
  for (const { path, record } of records) {
    const cluster = record.cluster.profile ?? record.cluster.server
    println(io.out, `${basename(path)}  ${subjectOf(record)}, ${cluster}`)
  }
  return 0
}

/** Files are named by path, or by the name `--list` shows. */
const fileOf = async (given: string | undefined, io: Io): Promise<string> => {
  if (given !== undefined) return undoNames(io.env).includes(given) ? join(undoDir(io.env), given) : resolve(given)
  const next = await nextUndo(io.env)
  if (next?.isUnfinished) println(io.err, 'The last undo did not come to its end: this goes on with it.')
  if (next !== undefined) return next.path
  throw new CommandExit(1, `There is nothing to undo: no undo files in ${undoDir(io.env)}.\n`)
}

/** So that nobody takes one change for another: `2026-11-22 18:45:01`. */
const localTime = (time: Date): string => time.toLocaleString('sv-SE')

/** The way to the cluster of the change, unless the command line names another. */
const open = async (record: UndoRecord, options: OptionSet, io: Io, connect: Connect): Promise<Admin> => {
  const isNamed = options.has('bootstrap-server') || io.session?.profile !== undefined
  if (isNamed) return connect(await commandProperties(options, io), io)
  const { profile, server } = record.cluster
  if (profile !== undefined && io.session !== undefined) io.session.profile = profile
  const configFile = options.text('command-config')
  const given = { server: profile === undefined ? server : undefined, controller: undefined, configFile }
  return connect(await connectionProperties(given, io), io)
}

const undo = async (path: string, options: OptionSet, io: Io, connect: Connect): Promise<number> => {
  const record = await readUndo(path)
  return usingAdmin(open(record, options, io, connect), async (admin) => {
    const { clusterId } = await admin.describeCluster()
    if (clusterId !== record.cluster.id && !options.has('force')) {
      throw new CommandExit(
        1,
        `That was changed in cluster ${record.cluster.id}, and this is ${clusterId}.\nName the right one with --profile or --bootstrap-server.\n`,
      )
    }
    const plan = await planOf(admin, record.change)
    println(io.err, `Changed at ${localTime(new Date(record.time))}: ${subjectOf(record)}.`)
    for (const { text } of plan.steps) println(io.out, text)
    if (options.has('dry-run')) return 0
    if (plan.moved.length > 0 && !options.has('force')) {
      const texts = plan.moved.map((text) => `  ${text}\n`).join('')
      throw new CommandExit(
        1,
        `Nothing was put back, since things have changed:\n${texts}--force puts it back all the same.\n`,
      )
    }
    if (plan.steps.length === 0) {
      println(io.out, 'Everything is as it was before.')
      return 0
    }
    await confirmDestructive(io, options, `Put back ${subjectOf(record)}?`)
    if (io.session !== undefined) io.session.undoes = path
    setUnfinished(io.env, path)
    await putBack(admin, record.change)
    setUnfinished(io.env, undefined)
    println(io.out, `Put back ${subjectOf(record)}.`)
    return 0
  })
}

/** `kt undo` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  plainly(io, async () => {
    const options = parseOptions(spec, args)
    if (options.has('help')) {
      io.out.write(`${spec.summary}\n${helpText(io)}`)
      return 0
    }
    if (options.words.length > 1) throw new CommandExit(1, `Unexpected argument: ${options.words[1]}\n`)
    if (options.has('list')) return list(options, io)
    return undo(await fileOf(options.words[0], io), options, io, connect)
  })
