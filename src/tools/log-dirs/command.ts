import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { plainly } from '../../cli/run-command.ts'
import { mayOmitBootstrap } from '../../cli/session.ts'
import { helpOrVersion, requireOptions } from '../../cli/usage.ts'
import type { LogDirDescription } from '../../client/replica-types.ts'
import type { Admin } from '../../client/types.ts'
import { topicPartitionKey } from '../../client/types.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { withAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith, type Properties } from '../shared/connect.ts'
import { parseJavaInt } from '../shared/java.ts'
import { hashOrder, partitionHash, stringHash } from '../shared/java-hash.ts'
import { failedRow, outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

const listOf = (options: OptionSet, name: string): string[] => (options.text(name) ?? '').split(',').filter(Boolean)

const inOrder = (brokers: Iterable<number>): number[] => hashOrder([...new Set(brokers)], (id) => id)

/** Which brokers to ask. */
const chosenBrokers = async (admin: Admin, options: OptionSet): Promise<number[]> => {
  const live = (await admin.describeCluster()).nodes.map(({ id }) => id)
  const wanted = listOf(options, 'broker-list').map(parseJavaInt)
  const unknown = wanted.filter((id) => !live.includes(id))
  if (unknown.length > 0) {
    throw new Error(
      `ERROR: The given brokers do not exist from --broker-list: ${inOrder(unknown)}. Current existent brokers: ${inOrder(live)}`,
    )
  }
  return inOrder(wanted.length === 0 ? live : wanted)
}

const chosenReplicas = ({ replicas }: LogDirDescription, topics: readonly string[]): LogDirDescription['replicas'] =>
  hashOrder(
    replicas.filter(({ topic }) => topics.length === 0 || topics.includes(topic)),
    partitionHash,
  )

const asJson = (described: ReadonlyMap<number, LogDirDescription[]>, topics: readonly string[]): string => {
  const brokers = inOrder(described.keys()).map((broker) => ({
    broker,
    logDirs: hashOrder(described.get(broker)!, ({ path }) => stringHash(path)).map((dir) => ({
      partitions: chosenReplicas(dir, topics).map((replica) => ({
        partition: topicPartitionKey(replica),
        size: Number(replica.sizeBytes),
        offsetLag: Number(replica.offsetLag),
        isFuture: replica.isFuture,
      })),
      error: dir.errorClass,
      logDir: dir.path,
    })),
  }))
  return JSON.stringify({ brokers, version: 1 })
}

/** -1 is what a broker says that does not know. */
const known = (bytes: bigint): number | null => (bytes < 0n ? null : Number(bytes))

const rowOf = (io: Io, nodeId: number, dir: LogDirDescription, topics: readonly string[]): Row => {
  const thing = { nodeId, logDir: dir.path }
  const error = dir.errorCode === 0 ? null : (failedRow(io, thing, new KafkaError(dir.errorCode)).error ?? null)
  return {
    ...thing,
    error,
    totalBytes: known(dir.totalBytes),
    usableBytes: known(dir.usableBytes),
    replicas: chosenReplicas(dir, topics).map(({ topic, partition, sizeBytes, offsetLag, isFuture }) => ({
      topic,
      partition,
      sizeBytes: Number(sizeBytes),
      offsetLag: Number(offsetLag),
      isFuture,
    })),
  }
}

/** Replicas for the drawn table; JSON and YAML nest them under their directory. */
const tableRows = ({ nodeId = null, logDir = null, replicas }: Row): Row[] =>
  (replicas as Row[]).map((replica) => ({ nodeId, logDir, ...replica }))

const describe = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const format = outputFormat(options, io)
  const topics = listOf(options, 'topic-list')
  const brokers = await chosenBrokers(admin, options)
  if (format === undefined) println(io.out, 'Querying brokers for log directories information')
  const described = await admin.describeLogDirs(brokers)
  if (format === undefined) {
    println(io.out, `Received log directory information from brokers ${brokers}`)
    println(io.out, asJson(described, topics))
    return
  }
  const rows = [...described].flatMap(([nodeId, dirs]) => dirs.map((dir) => rowOf(io, nodeId, dir, topics)))
  const columns = ['nodeId', 'logDir', 'topic', 'partition', 'sizeBytes', 'offsetLag', 'isFuture']
  await printStructured(io, format, format === 'table' ? rows.flatMap(tableRows) : rows, columns)
}

/** `kafka-log-dirs.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  const options = parseOptions(spec, args)
  const answered = helpOrVersion(spec, options, args, io)
  if (answered !== undefined) return answered
  if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'bootstrap-server')
  requireOptions(spec, options, 'describe')
  const adjust = (properties: Properties): void => {
    if (!properties.has('client.id')) properties.set('client.id', 'log-dirs-tool')
  }
  return plainly(io, () => withAdmin({ options, io, connect, adjust }, (admin) => describe(admin, options, io)))
}
