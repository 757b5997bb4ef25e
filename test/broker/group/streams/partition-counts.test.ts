import { describe, expect, test } from 'vitest'
import { configureTopology } from '../../../../src/broker/group/streams/configured-topology.ts'
import { StreamsTopology, type Subtopology } from '../../../../src/broker/group/streams/topology.ts'

const EXISTING: { readonly [topic: string]: number } = { two: 2, four: 4, 'other-two': 2 }

interface Part {
  sources?: string[]
  sinks?: string[]
  /** Repartition topics with their fixed counts, 0 for none. */
  repartition?: { [name: string]: number }
  changelogs?: string[]
  copartition?: { sourceTopics: number[]; repartitionSourceTopics: number[] }[]
}

const topic = (name: string, partitions: number) => ({ name, partitions, replicationFactor: 0, topicConfigs: [] })

function configure(...parts: Part[]) {
  const subtopologies = parts.map(
    ({ sources = [], sinks = [], repartition = {}, changelogs = [], copartition = [] }, i): Subtopology => ({
      subtopologyId: String(i),
      sourceTopics: sources,
      sourceTopicRegex: [],
      repartitionSinkTopics: sinks,
      repartitionSourceTopics: Object.entries(repartition).map(([name, count]) => topic(name, count)),
      stateChangelogTopics: changelogs.map((name) => topic(name, 0)),
      copartitionGroups: copartition.map((group) => ({ ...group, sourceTopicRegex: [] })),
    }),
  )
  const configured = configureTopology(new StreamsTopology({ epoch: 1, subtopologies }), (name) => EXISTING[name])
  return {
    problem: configured.problem?.message ?? null,
    missing: Object.fromEntries(configured.missingTopics.map(({ name, numPartitions }) => [name, numPartitions])),
    tasks: [...(configured.subtopologies?.values() ?? [])].map(({ numberOfTasks }) => numberOfTasks),
  }
}

describe('partitions', () => {
  test('of a repartition topic are as many as what is written to it was read from, over several steps', () => {
    const result = configure(
      { repartition: { b: 0 }, changelogs: ['c'] },
      { repartition: { a: 0 }, sinks: ['b'] },
      { sources: ['two', 'four'], sinks: ['a'] },
    )
    expect(result.missing).toEqual({ a: 4, b: 4, c: 4 })
    expect(result.tasks).toEqual([4, 4, 4])
  })

  test('of a repartition topic follow those it is joined with', () => {
    const parts: Part[] = [
      { sources: ['two'], sinks: ['r'] },
      { sources: ['four'], repartition: { r: 0 }, copartition: [{ sourceTopics: [0], repartitionSourceTopics: [0] }] },
    ]
    expect(configure(...parts).missing).toEqual({ r: 4 })
    parts[1]!.repartition = { r: 3 }
    expect(configure(...parts).problem).toBe(
      "Number of partitions [3] of repartition topic [r] doesn't match number of partitions [4] of the source topic.",
    )
  })

  test('of topics that are joined must be the same', () => {
    const copartition = [{ sourceTopics: [0, 1], repartitionSourceTopics: [] }]
    expect(configure({ sources: ['two', 'other-two'], copartition }).problem).toBeNull()
    expect(configure({ sources: ['two', 'four'], copartition }).problem).toBe(
      'Following topics do not have the same number of partitions: [{four=4, two=2}]',
    )
  })

  test('of an existing changelog must be the number of tasks', () => {
    expect(configure({ sources: ['two'], changelogs: ['four'] }).problem).toBe(
      'Existing topic four has different number of partitions: expected 2, found 4',
    )
  })
})

test('many missing topics are summed up', () => {
  expect(configure({ sources: ['e', 'd', 'c', 'b', 'two'] }).problem).toBe(
    'Source topics b, c, d and 1 additional topics are missing.',
  )
})

test.each([
  ['because a repartition source topic is never used as a sink topic', [{ sources: ['two'], repartition: { r: 0 } }]],
  ['There may be loops in the topology', [{ repartition: { r: 0 }, sinks: ['r'] }]],
  ['No source topics found for subtopology 0', [{}]],
])('a topology that leaves counts open is invalid: %s', (message, parts) => {
  expect(() => configure(...parts)).toThrow(message)
})
