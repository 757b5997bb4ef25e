import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { javaText } from '../../cli/run-command.ts'
import { type Admin, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { requireAdminOptions, runPlainly, withAdmin } from '../shared/admin-command.ts'
import { confirmDestructive } from '../shared/ask.ts'
import { type Connect, connectWith } from '../shared/connect.ts'
import { asList, asObject, numberField, readJsonFile, stringField, wholeNumber } from '../shared/json-file.ts'
import { failedRow, outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { checkByTime, isByTime, offsetsByTime } from './before.ts'
import { spec } from './options.ts'

export { spec }

const VERSION = 1

/** The offsets of the file by partition. */
const offsetsOf = (path: string): Map<TopicPartition, number> => {
  const json = readJsonFile(path)
  if (json === undefined) throw new Error('The input string is not a valid JSON')
  const file = asObject(json)
  const version = file.version === undefined ? VERSION : wholeNumber(file.version, 'Integer')
  if (version !== VERSION) throw new Error(`Not supported version field value ${version}`)
  if (file.partitions === undefined) throw new Error('Missing partitions field')
  const offsets = new Map<TopicPartition, number>()
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const entry of asList(file.partitions).map(asObject)) {
    const partition = { topic: stringField(entry, 'topic'), partition: numberField(entry, 'partition', 'Integer') }
    const key = topicPartitionKey(partition)
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
    offsets.set(partition, numberField(entry, 'offset', 'Long'))
  }
  if (repeated.size > 0) {
    throw new Error(`Offset json file contains duplicate topic partitions: ${[...repeated].join(',')}`)
  }
  return offsets
}

const deleteRecords = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const offsets: Map<TopicPartition, number> = isByTime(options)
    ? await offsetsByTime(admin, options, io)
    : offsetsOf(options.text('offset-json-file') ?? '')
  if (isByTime(options) && offsets.size === 0) return
  await confirmDestructive(io, options, `Delete records of ${offsets.size} partition(s)?`)
  const format = outputFormat(options, io)
  if (format === undefined) println(io.out, 'Executing records delete operation')
  const results = await admin.deleteRecords(offsets)
  if (format !== undefined) {
    const rows = [...results].map(([{ topic, partition }, result]): Row => {
      const thing = { topic, partition }
      if (result.ok) return { ...thing, lowWatermark: result.value.lowWatermark, error: null }
      return { lowWatermark: null, ...failedRow(io, thing, result.error) }
    })
    return printStructured(io, format, rows, ['topic', 'partition', 'lowWatermark', 'error'])
  }
  println(io.out, 'Records delete operation completed:')
  for (const [partition, result] of results) {
    const outcome = result.ok ? `low_watermark: ${result.value.lowWatermark}` : `error: ${javaText(result.error)}`
    println(io.out, `partition: ${topicPartitionKey(partition)}\t${outcome}`)
  }
}

/** `kafka-delete-records.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    async (options) => {
      if (isByTime(options)) {
        requireAdminOptions(spec, options, io, 'bootstrap-server')
        checkByTime(options)
      } else requireAdminOptions(spec, options, io, 'bootstrap-server', 'offset-json-file')
      await withAdmin({ options, io, connect }, (admin) => deleteRecords(admin, options, io))
    },
  )
