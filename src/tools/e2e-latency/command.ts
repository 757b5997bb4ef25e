import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { printError } from '../../cli/run-command.ts'
import { resolveBootstrap } from '../../cli/session.ts'
import { helpOrVersion, parseOrUsage } from '../../cli/usage.ts'
import type { Consumer } from '../../client/consumer/consumer.ts'
import type { Producer, ProducerRecord } from '../../client/producer/producer.ts'
import type { Admin } from '../../client/types.ts'
import { clientProperties, connectWith, type Properties } from '../shared/connect.ts'
import { constructConsumer, constructProducer } from '../shared/constructed.ts'
import { latencyRow } from '../shared/measurement.ts'
import { unwrapAll } from '../shared/results.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { checkOptions, withNames } from './arguments.ts'
import { spec } from './options.ts'

export { spec }

/** What a measurement works with. */
export interface LatencyClients {
  admin: Pick<Admin, 'listTopics' | 'describeTopics' | 'createTopics' | 'close'>
  producer: Pick<Producer, 'send' | 'close'>
  consumer: Pick<Consumer, 'assign' | 'seek' | 'position' | 'poll' | 'consume' | 'commitSync' | 'close'>
}

/** Opens the clients; tests give their own. */
export type OpenLatencyClients = (properties: Properties, acks: string, io: Io) => Promise<LatencyClients>

const POLL_MS = 60_000
const REPORT_EVERY = 1000

const openClients: OpenLatencyClients = async (properties, acks, io) => {
  const [{ Producer: ProducerClient }, { Consumer: ConsumerClient }] = await Promise.all([
    import('../../client/producer/producer.ts'),
    import('../../client/consumer/consumer.ts'),
  ])
  const warn = (message: string): void => println(io.err, `WARN ${message}`)
  const consumerProperties = new Map(properties)
    .set('group.id', `test-group-${Date.now()}`)
    .set('enable.auto.commit', 'false')
    .set('auto.offset.reset', 'latest')
    .set('fetch.max.wait.ms', '0')
  const producerProperties = new Map(properties)
    .set('linger.ms', '0')
    .set('max.block.ms', '9223372036854775807')
    .set('acks', acks)
  const consumer = new ConsumerClient({ ...(await constructConsumer(consumerProperties)), warn })
  const producer = new ProducerClient({ ...(await constructProducer(producerProperties)), warn })
  return { admin: await connectWith(properties, io), consumer, producer }
}

/** One letter at random, so many times. */
const randomBytes = (length: number): Buffer => Buffer.alloc(length, 65 + Math.floor(Math.random() * 26))

const makeRecord = (options: OptionSet): ProducerRecord => {
  const headerSize = options.int('record-header-size')!
  const headers = Array.from({ length: options.int('num-headers')! }, () => ({
    key: randomBytes(options.int('record-header-key-size')!).toString(),
    value: headerSize === -1 ? null : randomBytes(headerSize),
  }))
  const key = randomBytes(options.int('record-key-size')!)
  return { topic: options.text('topic')!, key, value: randomBytes(options.int('record-size')!), headers }
}

const byteList = (bytes: Buffer | null): string => (bytes === null ? 'null' : `[${[...bytes].join(', ')}]`)

type Received = { key: Buffer | null; value: Buffer | null; headers: { key: string; value: Buffer | null }[] }

/** What is wrong with what came back; undefined when all is well. */
const complaint = (sent: ProducerRecord, received: readonly Received[]): string | undefined => {
  const [first] = received
  if (first === undefined) return `poll() timed out before finding a result (timeout:[${POLL_MS}ms])`
  const [value, key] = [String(first.value ?? ''), first.key]
  if (value !== String(sent.value)) {
    return `The message value read [${value}] did not match the message value sent [${sent.value}]`
  }
  if (key === null) return 'Expected message key but received null'
  if (String(key) !== String(sent.key)) {
    return `The message key read [${key}] did not match the message key sent [${sent.key}]`
  }
  const headers = sent.headers ?? []
  if (headers.length > 0 && first.headers.length === 0) return 'Expected message headers but received none'
  for (const [i, header] of headers.entries()) {
    const back = first.headers[i]
    if (back === undefined) break
    if (back.key === header.key && byteList(back.value) === byteList(header.value)) continue
    return `The message header read [${back.key}:${byteList(back.value)}] did not match the message header sent [${header.key}:${byteList(header.value)}]`
  }
  if (headers.length > 0 && headers.length !== first.headers.length) {
    return 'Header count mismatch between sent and received messages'
  }
  if (received.length !== 1) return `Only one result was expected during this test. We found [${received.length}]`
  return undefined
}

const partitionsOf = async ({ admin }: LatencyClients, topic: string, io: Io) => {
  const listed = await admin.listTopics()
  if (!listed.some(({ name }) => name === topic)) {
    println(io.out, `Topic "${topic}" does not exist. Will create topic with 1 partition(s) and replication factor = 1`)
    try {
      unwrapAll(await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]))
    } catch (error) {
      println(io.out, `Creation of topic ${topic} failed`)
      throw error
    }
  }
  const [described] = unwrapAll(await admin.describeTopics([topic]))
  return described!.partitions.map(({ partition }) => ({ topic, partition }))
}

const receive = async ({ consumer }: LatencyClients): Promise<Received[]> => {
  const received: Received[] = []
  for (const fetched of await consumer.poll(POLL_MS)) {
    consumer.consume(fetched, (cursor) => {
      received.push({ key: cursor.key(), value: cursor.value(), headers: cursor.headers() })
    })
  }
  return received
}

const report = async (sorted: readonly number[], totalMs: number, options: OptionSet, io: Io): Promise<void> => {
  const count = sorted.length
  const format = outputFormat(options, io)
  if (format !== undefined) {
    const latencies = latencyRow(totalMs / count, sorted.at(-1) ?? 0, sorted)
    const row = { topic: options.text('topic')!, recordCount: count, ...latencies }
    return printStructured(io, format, [row], Object.keys(row))
  }
  const at = (part: number): number => sorted[Math.trunc(count * part)]!
  println(io.out, `Avg latency: ${(totalMs / count).toFixed(4)} ms`)
  println(io.out, `Percentiles: 50th = ${at(0.5)}, 99th = ${at(0.99)}, 99.9th = ${at(0.999)}`)
}

const measure = async (clients: LatencyClients, options: OptionSet, io: Io): Promise<void> => {
  const { consumer, producer } = clients
  const count = options.int('num-records')!
  const partitions = await partitionsOf(clients, options.text('topic')!, io)
  consumer.assign(partitions)
  for (const partition of partitions) consumer.seek(partition, 'latest')
  while (partitions.some((partition) => consumer.position(partition) === null)) await consumer.poll(10)
  const latenciesMs: number[] = []
  let totalMs = 0
  for (let i = 0; i < count; i++) {
    const record = makeRecord(options)
    const beginMs = performance.now()
    await producer.send(record)
    const received = await receive(clients)
    const elapsedMs = performance.now() - beginMs
    const wrong = complaint(record, received)
    if (wrong !== undefined) {
      await consumer.commitSync()
      throw new Error(wrong)
    }
    if (i % REPORT_EVERY === 0) println(io.out, `${i}\t${elapsedMs.toFixed(6).replace(/0+$/, '').replace(/\.$/, '.0')}`)
    totalMs += elapsedMs
    latenciesMs.push(Math.trunc(elapsedMs))
  }
  latenciesMs.sort((a, b) => a - b)
  await report(latenciesMs, totalMs, options, io)
  await consumer.commitSync()
}

/** `kafka-e2e-latency.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, open: OpenLatencyClients = openClients): Promise<number> => {
  const named = withNames(args, io)
  const options = parseOrUsage(spec, named)
  const answered = helpOrVersion(spec, options, named, io)
  if (answered !== undefined) return answered
  checkOptions(options, io)
  let clients: LatencyClients | undefined
  try {
    const file = options.text('command-config')
    const properties = await clientProperties(io, file, options.text('bootstrap-server'))
    properties.set('bootstrap.servers', await resolveBootstrap(io, options.text('bootstrap-server')))
    clients = await open(properties, options.text('producer-acks')!, io)
    await measure(clients, options, io)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    printError(io, error)
    return 1
  } finally {
    await Promise.all([clients?.producer.close(), clients?.consumer.close(), clients?.admin.close()])
  }
}
