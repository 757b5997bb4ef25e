import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import { CommandExit } from '../../cli/exit.ts'
import type { Io } from '../../cli/io.ts'
import { println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { printError } from '../../cli/run-command.ts'
import { mayOmitBootstrap, resolveBootstrap } from '../../cli/session.ts'
import { helpOrVersion, requireOptions, usageExit } from '../../cli/usage.ts'
import type { ReplicaData, ReplicaPosition } from '../../client/replica-types.ts'
import type { Admin } from '../../client/types.ts'
import {
  type ListedOffset,
  type OffsetSpec,
  type Result,
  type TopicPartition,
  topicPartitionKey,
} from '../../client/types.ts'
import { bootstrapComplaint } from '../shared/bootstrap.ts'
import { type Connect, clientProperties, connectWith } from '../shared/connect.ts'
import { hashOrder, partitionHash } from '../shared/java-hash.ts'
import { unwrap, unwrapAll } from '../shared/results.ts'
import { includeList } from '../shared/topic-filter.ts'
import { compareReplicas } from './compare.ts'
import { spec } from './options.ts'

export { spec }

/** A partition that is compared. */
interface Subject extends ReplicaPosition {
  brokers: number[]
}

const interruptCodes = { SIGINT: 130, SIGTERM: 143 } as const
const dates = new SimpleDateFormat('yyyy-MM-dd HH:mm:ss,SSS')

const filterOf = (options: OptionSet): ((topic: string) => boolean) => {
  const regex = options.text('topics-include') ?? ''
  try {
    const isIncluded = includeList(regex)
    return (topic) => isIncluded(topic, false)
  } catch (error) {
    throw new Error(`${regex} is an invalid regex`, { cause: error })
  }
}

const startOf = (options: OptionSet): OffsetSpec => {
  const time = Number(options.long('time'))
  return time === -1 ? 'latest' : time === -2 ? 'earliest' : time
}

/** The partitions of the chosen topics, each with where to start and who has it. */
const subjectsOf = async (admin: Admin, options: OptionSet): Promise<Subject[]> => {
  const isChosen = filterOf(options)
  const listed = await admin.listTopics({ listInternal: true })
  const names = listed.map(({ name }) => name).filter(isChosen)
  const described = names.length === 0 ? [] : unwrapAll(await admin.describeTopics(names))
  const partitions = described.flatMap(({ name, topicId, partitions: list }) =>
    list.map(({ partition, replicas }) => ({ topic: name, topicId, partition, brokers: replicas.map(({ id }) => id) })),
  )
  const offsets: Map<TopicPartition, Result<ListedOffset>> = partitions.length === 0
    ? new Map()
    : await admin.listOffsets(new Map(partitions.map((tp): [TopicPartition, OffsetSpec] => [tp, startOf(options)])))
  const subjects = partitions.map((tp) => ({ ...tp, offset: unwrap(offsets.get(tp)).offset }))
  return hashOrder(subjects, partitionHash)
}

class Verification {
  isStopped = false
  readonly #admin: Admin
  readonly #options: OptionSet
  readonly #io: Io
  readonly #subjects: Subject[]
  readonly #limits: { maxBytes: number; maxWaitMs: number }
  #lastReportMs = Date.now()

  constructor(admin: Admin, options: OptionSet, io: Io, subjects: Subject[]) {
    this.#admin = admin
    this.#options = options
    this.#io = io
    this.#subjects = subjects
    this.#limits = { maxBytes: options.int('fetch-size')!, maxWaitMs: options.int('max-wait-ms')! }
  }

  /** Compares until it is stopped; false when offsets differ. */
  async run(): Promise<boolean> {
    println(this.#io.out, `${dates.format(Date.now())}: verification process is started`)
    while (!this.isStopped) if (!(await this.#round())) return false
    return true
  }

  async #fetch(): Promise<Map<number, Map<string, ReplicaData>>> {
    const brokers = [...new Set(this.#subjects.flatMap(({ brokers: ids }) => ids))]
    const limits = this.#limits
    const answers = brokers.map(async (id): Promise<[number, Map<string, ReplicaData>]> => {
      const own = this.#subjects.filter(({ brokers: ids }) => ids.includes(id))
      try {
        return [id, await this.#admin.fetchReplicas(id, own, limits)]
      } catch {
        // A broker that doesn't answer has nothing in this round, as with Kafka's tool.
        await new Promise((resolve) => setTimeout(resolve, limits.maxWaitMs))
        return [id, new Map()]
      }
    })
    return new Map(await Promise.all(answers))
  }

  async #round(): Promise<boolean> {
    const fetched = await this.#fetch()
    const worst = { lag: -1, offset: -1, name: 'null' }
    for (const subject of this.#subjects) {
      const name = topicPartitionKey(subject)
      const nothing: ReplicaData = { highWatermark: -1, records: Buffer.alloc(0) }
      const replicas = new Map(subject.brokers.map((id) => [id, fetched.get(id)?.get(name) ?? nothing]))
      const { nextOffset, highWatermark, differences, isFatal } = compareReplicas(replicas, subject.offset)
      for (const text of differences) println(this.#io.out, `${dates.format(Date.now())}: partition ${name}${text}`)
      if (isFatal) return false
      subject.offset = nextOffset
      if (highWatermark - nextOffset > worst.lag) {
        Object.assign(worst, { lag: highWatermark - nextOffset, offset: nextOffset, name })
      }
    }
    const nowMs = Date.now()
    if (nowMs - this.#lastReportMs > Number(this.#options.long('report-interval-ms'))) {
      println(
        this.#io.out,
        `${dates.format(nowMs)}: max lag is ${worst.lag} for partition ${worst.name} at offset ${worst.offset} among ${this.#subjects.length} partitions`,
      )
      this.#lastReportMs = nowMs
    }
    return true
  }
}

const verify = async (admin: Admin, options: OptionSet, io: Io): Promise<number> => {
  const subjects = await subjectsOf(admin, options)
  if (subjects.length === 0) {
    println(
      io.err,
      'ERROR No topics found. [topics-include] if specified, is either filtering out all topics or there is no topic.',
    )
    return 1
  }
  const work = new Verification(admin, options, io, subjects)
  let code = 0
  const restore = io.onInterrupt((signal) => {
    code = interruptCodes[signal]
    work.isStopped = true
    restore()
  })
  try {
    return (await work.run()) ? code : 1
  } finally {
    restore()
  }
}

/** `kafka-replica-verification.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> => {
  let admin: Admin | undefined
  try {
    const options = parseOptions(spec, args)
    const answered = helpOrVersion(spec, options, args, io)
    if (answered !== undefined) return answered
    if (!mayOmitBootstrap(io)) requireOptions(spec, options, 'broker-list')
    const list = options.text('broker-list')
    const complaint = list === undefined ? undefined : bootstrapComplaint(list)
    if (complaint !== undefined) usageExit(spec, complaint)
    admin = await connect(
      (await clientProperties(io, undefined, list)).set('bootstrap.servers', await resolveBootstrap(io, list)),
      io,
    )
    return await verify(admin, options, io)
  } catch (error) {
    if (error instanceof CommandExit) throw error
    printError(io, error)
    return 1
  } finally {
    await admin?.close()
  }
}
