import type { Admin, NewTopic } from '../../client/types.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import type { Props } from '../api/config.ts'
import { withPrefix } from '../config/worker-config.ts'
import { ConnectError } from '../data/errors.ts'
import type { Log } from './log.ts'

interface Group {
  readonly name: string
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

const DEFAULT = 'default'

const patterns = (text: string | undefined): RegExp[] =>
  (text ?? '')
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
    .map((pattern) => new RegExp(`^(?:${pattern})$`))

/** Does the connector say how topics are to be created (KIP-158)? */
export const hasTopicCreation = (props: Props): boolean =>
  Object.keys(props).some((name) => name.startsWith('topic.creation.') && name !== 'topic.creation.groups')

/** @throws ConnectError for the first config that won't do */
export const topicGroups = (props: Props): Group[] => {
  const names = (props['topic.creation.groups'] ?? '').split(',').map((name) => name.trim())
  const fallback = withPrefix(props, `topic.creation.${DEFAULT}.`)
  return [...names.filter((name) => name !== '' && name !== DEFAULT), DEFAULT].map((name) => {
    const {
      include,
      exclude,
      partitions,
      'replication.factor': factor,
      ...configs
    } = withPrefix(props, `topic.creation.${name}.`)
    const number = (what: string, own: string | undefined, other: string | undefined): number => {
      const text = own ?? other
      const value = Number(text)
      if (text !== undefined && Number.isInteger(value) && (value > 0 || value === -1)) return value
      const key = `topic.creation.${name}.${what}`
      if (text === undefined)
        throw new ConnectError(`Missing required configuration "${key}" which has no default value.`)
      throw new ConnectError(
        `Invalid value ${text} for configuration ${key}: it must be a number above 0, or -1 for the broker's`,
      )
    }
    return {
      name,
      include: name === DEFAULT ? [/^.*$/] : patterns(include),
      exclude: patterns(exclude),
      partitions: number('partitions', partitions, fallback.partitions),
      replicationFactor: number('replication.factor', factor, fallback['replication.factor']),
      configs: new Map(Object.entries(configs)),
    }
  })
}

/** Creates the topics of a source connector as its topic.creation.* say. */
export class TopicCreation {
  readonly #groups: readonly Group[]
  readonly #open: () => Promise<Admin>
  readonly #log: Log
  #admin: Admin | null = null

  constructor(groups: readonly Group[], open: () => Promise<Admin>, log: Log) {
    this.#groups = groups
    this.#open = open
    this.#log = log
  }

  /** Creates a topic unless it is there. @throws ConnectError when that fails */
  async ensure(topic: string): Promise<void> {
    this.#admin ??= await this.#open()
    const described = (await this.#admin.describeTopics([topic])).get(topic)
    if (described?.ok) return
    const group = this.#groups.find(
      ({ include, exclude }) => include.some((p) => p.test(topic)) && !exclude.some((p) => p.test(topic)),
    )
    if (group === undefined) return
    const { name, partitions, replicationFactor, configs } = group
    this.#log.info(
      `Creating topic '${topic}' by group ${name}: ${partitions} partition(s), replication factor ${replicationFactor}`,
    )
    const created: NewTopic = {
      name: topic,
      configs: new Map(configs),
      ...(partitions === -1 ? {} : { numPartitions: partitions }),
      ...(replicationFactor === -1 ? {} : { replicationFactor }),
    }
    const result = (await this.#admin.createTopics([created])).get(topic)
    if (result === undefined || result.ok) return
    if (result.error instanceof KafkaError && result.error.code === ErrorCode.TOPIC_ALREADY_EXISTS) return
    throw new ConnectError(`Task failed to create new topic '${topic}': ${result.error.message}`, {
      cause: result.error,
    })
  }

  async close(): Promise<void> {
    await this.#admin?.close()
  }
}
