import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settle } from '../harness.ts'
import { active, owned, StreamsHarness, standby, type TaskMap, topology } from './streams-harness.ts'

const NAMES = ['a', 'b', 'c', 'd']
const TASKS = 4
const STATEFUL = topology([{ sourceTopics: ['orders'], stateChangelogTopics: [{ name: 'payments' }] }])

/** A client as Kafka Streams is one: it takes what it is told at once, and lets go when it comes to it. */
class Client {
  epoch = 0
  active: TaskMap = {}
  standby: TaskMap = {}
  /** Told to give up, not done yet. */
  lagging: readonly number[] = []
}

const tasks = (map: TaskMap): readonly number[] => map['0'] ?? []

class Simulation {
  readonly clients = new Map<string, Client>()
  readonly harness: StreamsHarness

  constructor(harness: StreamsHarness) {
    this.harness = harness
    harness.topics.set('payments', TASKS)
  }

  async join(name: string): Promise<void> {
    const client = new Client()
    // Whoever rejoins has let go of everything.
    this.clients.set(name, client)
    this.take(client, await this.harness.joinStreams(name, { topology: STATEFUL, processId: `process-${name[0]}` }))
  }

  async beat(name: string, lazily: boolean): Promise<void> {
    const client = this.clients.get(name)
    if (client === undefined) return await this.join(name)
    if (!lazily) client.lagging = []
    const all = [...tasks(client.active), ...client.lagging]
    const response = await this.harness.beat(name, client.epoch, owned({ '0': all }, client.standby))
    if (response.errorCode !== 0) this.clients.delete(name)
    else this.take(client, response)
  }

  async leave(name: string): Promise<void> {
    if (!this.clients.delete(name)) return
    await this.harness.beat(name, -1)
  }

  take(client: Client, response: Parameters<typeof active>[0]): void {
    expect(response.errorCode).toBe(0)
    client.epoch = response.memberEpoch
    const told = active(response)
    if (told === null) return
    client.lagging = [...client.lagging, ...tasks(client.active)].filter((task) => !tasks(told).includes(task))
    client.active = told
    client.standby = standby(response) ?? {}
  }

  /** No task is worked on twice. */
  check(): void {
    const held = [...this.clients.values()].flatMap((client) => [...tasks(client.active), ...client.lagging])
    expect(new Set(held).size).toBe(held.length)
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('beat'), who: fc.constantFrom(...NAMES), lazily: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('join'), who: fc.constantFrom(...NAMES), lazily: fc.constant(false) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('leave'), who: fc.constantFrom(...NAMES), lazily: fc.constant(false) }),
  },
)

test('never gives a task to two members, gives all of them out in the end, and replays to the same group', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(1), async (steps, replicas) => {
      const harness = await StreamsHarness.started()
      harness.streams.numStandbyReplicas = replicas
      const simulation = new Simulation(harness)
      for (const { what, who, lazily } of steps) {
        if (what === 'join') await simulation.join(who)
        else if (what === 'leave') await simulation.leave(who)
        else await simulation.beat(who, lazily)
        simulation.check()
      }
      await simulation.beat('a', false)
      for (let round = 0; round < 12; round++) {
        for (const name of [...simulation.clients.keys()]) await simulation.beat(name, false)
        simulation.check()
      }
      const held = [...simulation.clients.values()].flatMap((client) => tasks(client.active))
      expect(held.sort()).toEqual([0, 1, 2, 3])
      const { groupState, members } = await harness.describeStreams()
      expect([groupState, members.length]).toEqual(['Stable', simulation.clients.size])
      const described = await harness.describeStreams()
      const next = new StreamsHarness()
      next.topics.set('payments', TASKS)
      await next.coordinator.load(0, harness.log)
      // Numbers of partitions are looked at again when the next heartbeat comes.
      expect({ ...(await next.describeStreams()), topology: null }).toEqual({ ...described, topology: null })
      harness.coordinator.stop()
      next.coordinator.stop()
      await settle()
    }),
    { numRuns: 60 },
  )
})
