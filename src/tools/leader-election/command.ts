import { type Io, println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { errorMessage, javaText } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { forbidTogether } from '../../cli/usage.ts'
import { type Admin, type Result, type TopicPartition, topicPartitionKey } from '../../client/types.ts'
import { runPlainly } from '../shared/admin-command.ts'
import { type Connect, connectionProperties, connectWith } from '../shared/connect.ts'
import { ExecutionError, execute } from '../shared/execution.ts'
import { javaList } from '../shared/java.ts'
import { asList, asObject, JsonFileError, numberField, readJsonFile, stringField } from '../shared/json-file.ts'
import { failedRow, type OutputFormat, outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

const API_TIMEOUT_MS = '30000'
const REQUEST_TIMEOUT_MS = '15000'
const targets = ['topic', 'all-topic-partitions', 'path-to-json-file']

/** The checks of LeaderElectionCommandOptions, in Kafka's order. */
const checkOptions = (options: OptionSet, io: Io): void => {
  const missing = ['bootstrap-server', 'election-type'].filter(
    (name) => !options.has(name) && !(name === 'bootstrap-server' && mayOmitBootstrap(io)),
  )
  if (missing.length > 0) throw new Error(`Missing required option(s): ${missing.join(', ')}`)
  forbidTogether(spec, options, 'admin.config', ['command-config'])
  if (targets.filter((name) => options.has(name)).length !== 1) {
    throw new Error(`One and only one of the following options is required: ${targets.join(', ')}`)
  }
  if (options.has('topic') && !options.has('partition')) throw new Error('Missing required option(s): partition')
  if (!options.has('topic') && options.has('partition')) {
    throw new Error('Option partition is only allowed if topic is used')
  }
}

const electionTypeOf = (options: OptionSet): 'preferred' | 'unclean' => {
  const text = options.text('election-type') ?? ''
  const type = text.toLowerCase()
  if (type === 'preferred' || type === 'unclean') return type
  throw new OptionError(`Cannot parse argument '${text}' of option election-type`)
}

const partitionsOfFile = (path: string): TopicPartition[] => {
  const json = readJsonFile(path)
  if (json === undefined) throw new Error('Replica election data is empty')
  const file = asObject(json)
  if (file.partitions === undefined) throw new Error('Replica election data is missing "partitions" field')
  const partitions = asList(file.partitions)
    .map(asObject)
    .map((entry) => ({ topic: stringField(entry, 'topic'), partition: numberField(entry, 'partition', 'Integer') }))
  const keys = partitions.map(topicPartitionKey)
  const repeated = new Set(keys.filter((key, i) => keys.indexOf(key) !== i))
  if (repeated.size > 0) {
    const text = [...javaList([...repeated])].join('')
    throw new Error(`Replica election data contains duplicate partitions: ${text}`)
  }
  return partitions
}

/** Errors of the file come wrapped in RuntimeExceptions, whose text is the class and message of what is inside. */
const partitionsOf = (options: OptionSet): TopicPartition[] | null => {
  const path = options.text('path-to-json-file')
  if (path !== undefined) {
    try {
      return partitionsOfFile(path)
    } catch (error) {
      if (error instanceof JsonFileError) throw new Error(`java.lang.RuntimeException: ${javaText(error)}`)
      throw error
    }
  }
  const topic = options.text('topic')
  return topic === undefined ? null : [{ topic, partition: options.int('partition') ?? 0 }]
}

const printAs = (results: ReadonlyMap<string, Result<void>>, io: Io, format: OutputFormat): Promise<void> => {
  const rows = [...results].map(([key, result]): Row => {
    const dash = key.lastIndexOf('-')
    const thing = { topic: key.slice(0, dash), partition: Number(key.slice(dash + 1)) }
    if (result.ok) return { ...thing, isElected: true, error: null }
    const isNeedless = (result.error as { errorName?: string }).errorName === 'ELECTION_NOT_NEEDED'
    return { isElected: false, ...(isNeedless ? { ...thing, error: null } : failedRow(io, thing, result.error)) }
  })
  return printStructured(io, format, rows, ['topic', 'partition', 'isElected', 'error'])
}

const printResults = async (
  results: ReadonlyMap<string, Result<void>>,
  type: string,
  options: OptionSet,
  io: Io,
): Promise<void> => {
  const done: string[] = []
  const needless: string[] = []
  const failed: [string, Error][] = []
  for (const [partition, result] of results) {
    if (result.ok) done.push(partition)
    else if ((result.error as { errorName?: string }).errorName === 'ELECTION_NOT_NEEDED') needless.push(partition)
    else failed.push([partition, result.error])
  }
  const format = outputFormat(options, io)
  if (format !== undefined) return printAs(results, io, format)
  if (done.length > 0) {
    println(io.out, `Successfully completed leader election (${type}) for partitions ${done.join(', ')}`)
  }
  if (needless.length > 0) println(io.out, `Valid replica already elected for partitions ${needless.join(', ')}`)
  for (const [partition, error] of failed) {
    println(io.out, `Error completing leader election (${type}) for partition: ${partition}: ${javaText(error)}`)
  }
  if (failed.length > 0) throw new Error(`${failed.length} replica(s) could not be elected`)
}

const callError = (error: unknown, io: Io): Error => {
  if (!(error instanceof ExecutionError)) return error instanceof Error ? error : new Error(errorMessage(error))
  const failure = error.failure as { exceptionClass?: string }
  const known: Record<string, string> = {
    TimeoutException: 'Timeout waiting for election results',
    ClusterAuthorizationException: 'Not authorized to perform leader election',
  }
  const message = known[failure.exceptionClass?.replace(/^.*\./, '') ?? '']
  if (message === undefined) {
    return Object.assign(new Error(javaText(error), { cause: failure }), { detail: error.detail })
  }
  println(io.out, message)
  return Object.assign(new Error(message, { cause: failure }), { detail: error.detail })
}

const elect = async (
  admin: Admin,
  type: 'preferred' | 'unclean',
  partitions: TopicPartition[] | null,
  options: OptionSet,
  io: Io,
): Promise<void> => {
  const results = await execute(admin.electLeaders(type, partitions)).catch((error: unknown) => {
    throw callError(error, io)
  })
  await printResults(results, type.toUpperCase(), options, io)
}

const runElection = async (options: OptionSet, io: Io, connect: Connect): Promise<void> => {
  checkOptions(options, io)
  const type = electionTypeOf(options)
  const partitions = partitionsOf(options)
  if (options.has('admin.config')) {
    println(
      io.out,
      'Option --admin.config has been deprecated and will be removed in a future version. Use --command-config instead.',
    )
  }
  const configFile = options.text('admin.config') ?? options.text('command-config')
  const server = options.text('bootstrap-server')
  const properties = await connectionProperties({ server, controller: undefined, configFile }, io)
  properties.set('default.api.timeout.ms', properties.get('default.api.timeout.ms') ?? API_TIMEOUT_MS)
  properties.set('request.timeout.ms', properties.get('request.timeout.ms') ?? REQUEST_TIMEOUT_MS)
  const admin = await connect(properties, io)
  try {
    await elect(admin, type, partitions, options, io)
  } finally {
    await admin.close()
  }
}

/** `kafka-leader-election.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    (options) => runElection(options, io, connect),
  )
