import type { OptionSet } from '../../cli/joptsimple.ts'
import { javaList, javaSplit, parseJavaInt } from '../shared/java.ts'

/** What --create and --alter are asked for. */
export interface TopicArguments {
  name: string
  partitions: number | undefined
  replicationFactor: number | undefined
  /** Partition → broker ids; empty when not given. */
  replicaAssignment: Map<number, number[]>
  configs: Map<string, string>
}

/**
 * `1:2,2:3` → partition 0 on brokers 1 and 2, partition 1 on 2 and 3.
 * @throws Error with Kafka's message for duplicates, uneven lists and non-numbers
 */
export const parseReplicaAssignment = (text: string): Map<number, number[]> => {
  const assignment = new Map<number, number[]>()
  javaSplit(text, ',').forEach((list, partition) => {
    const brokers = javaSplit(list, ':').map((id) => parseJavaInt(id.trim()))
    const duplicates = [...new Set(brokers.filter((id, i) => brokers.indexOf(id) !== i))]
    if (duplicates.length > 0) {
      throw new Error(`Partition replica lists may not contain duplicate entries: ${duplicates.join(',')}`)
    }
    assignment.set(partition, brokers)
    if (brokers.length !== assignment.get(0)!.length) {
      throw new Error(`Partition ${partition} has different replication factor: ${javaList(brokers)}`)
    }
  })
  return assignment
}

const parseConfigs = (texts: readonly string[]): Map<string, string> => {
  const pairs = texts.map((text) => javaSplit(text, /\s*=\s*/))
  if (!pairs.every((pair) => pair.length === 2)) {
    throw new Error(
      'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
    )
  }
  return new Map(pairs.map(([name, value]) => [name!.trim(), value!.trim()]))
}

/** Reads and checks the options in Kafka's order; throws Error with Kafka's message. */
export const topicArguments = (options: OptionSet): TopicArguments => {
  const name = options.text('topic') ?? ''
  const partitions = options.int('partitions')
  const replicationFactor = options.int('replication-factor')
  const assignment = options.text('replica-assignment')
  return {
    name,
    partitions,
    replicationFactor,
    replicaAssignment: assignment ? parseReplicaAssignment(assignment) : new Map(),
    configs: parseConfigs(options.texts('config')),
  }
}
