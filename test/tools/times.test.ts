import { beforeEach, describe, expect, it } from 'vitest'
import type { OffsetSpec, TopicPartition } from '../../src/client/types.ts'
import { topicPartitionKey } from '../../src/client/types.ts'
import * as consumerGroups from '../../src/tools/consumer-groups/command.ts'
import * as deleteRecords from '../../src/tools/delete-records/command.ts'
import * as getOffsets from '../../src/tools/get-offsets/command.ts'
import * as shareGroups from '../../src/tools/share-groups/command.ts'
import { formatTime } from '../../src/tools/shared/time-spec.ts'
import * as streamsReset from '../../src/tools/streams-application-reset/command.ts'
import { FakeAdmin, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

const HOUR_MS = 3_600_000
let admin: FakeAdmin
/** Record n of every partition has time `base + n` hours. */
const base = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 100 * HOUR_MS

const offsetAt = (tp: TopicPartition, spec: OffsetSpec): number => {
  const [start, end] = admin.logs.get(topicPartitionKey(tp)) ?? [0, 0]
  if (spec === 'earliest') return start
  if (typeof spec !== 'number') return end
  const n = Math.max(start, Math.ceil((spec - base) / HOUR_MS))
  return n < end ? n : -1
}

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('t', topic('t', [{}, {}]))
  admin.logs.set('t-0', [2, 9])
  admin.logs.set('t-1', [0, 4])
  admin.listOffsets = (specs) =>
    Promise.resolve(
      new Map(
        [...specs].map(([tp, spec]) => [
          tp,
          { ok: true, value: { offset: offsetAt(tp, spec), timestamp: -1, leaderEpoch: null } },
        ]),
      ),
    )
})

const at = (n: number): string => `@${base + n * HOUR_MS}`
const iso = (n: number): string => formatTime(base + n * HOUR_MS)

/** `partition offset` of the rows of a plan. */
const plan = ({ out }: Outcome): string[] =>
  out
    .filter((line) => / t /.test(line))
    .map((line) => line.trim().split(/ +/).slice(-2).join(' '))
    .sort()

describe('the input topics of a Streams application are moved', () => {
  it.each([
    [`--to ${at(3)}`, ['0 3', '1 3']],
    ['--to -3', ['0 6', '1 1']],
    ['--to +1', ['0 3', '1 1']],
    ['--to latest', ['0 9', '1 4']],
    [`--to-datetime ${at(3)}`, ['0 3', '1 3']],
    ['--by-duration 9999w', ['0 2', '1 0']],
  ])('%s', async (args, expected) => {
    const outcome = await runTool(streamsReset, admin, `--application-id app --input-topics t --dry-run ${args}`)
    expect([outcome.code, outcome.err.length]).toEqual([0, /@|\dw/.test(args) ? 1 : 0])
    const rows = outcome.out.flatMap((line) => /Partition: (\d+) Offset: (\d+)/.exec(line)?.slice(1).join(' ') ?? [])
    expect(rows.sort()).toEqual(expected)
  })
})

describe('a group is moved', () => {
  const reset = (args: string): Promise<Outcome> =>
    runTool(consumerGroups, admin, `--reset-offsets --group g --topic t --dry-run ${args}`)

  it.each([
    [`--to ${at(3)}`, ['0 3', '1 3']],
    [`--to ${at(5)}`, ['0 5', '1 4']],
    ['--to earliest', ['0 2', '1 0']],
    ['--to end', ['0 9', '1 4']],
    ['--to 3', ['0 3', '1 3']],
    ['--to 100', ['0 9', '1 4']],
    ['--to -3', ['0 6', '1 1']],
    ['--to -8', ['0 2', '1 0']],
    ['--to +1', ['0 3', '1 1']],
    ['--to -1h', ['0 9', '1 4']],
    ['--to -9999w', ['0 2', '1 0']],
    [`--to-datetime ${at(3)}`, ['0 3', '1 3']],
    ['--by-duration 9999w', ['0 2', '1 0']],
    ['--by-duration PT999999H', ['0 2', '1 0']],
  ])('%s', async (args, expected) => {
    const outcome = await reset(args)
    expect(outcome.code).toBe(0)
    expect(plan(outcome)).toEqual(expected)
  })

  it("and is told what a time is, unless it is Kafka's own way of writing it", async () => {
    expect((await reset(`--to ${at(3)}`)).err).toEqual([`${at(3)} is ${iso(3)}`])
    expect((await reset(`--to-datetime ${at(3)}`)).err).toEqual([`${at(3)} is ${iso(3)}`])
    expect((await reset('--by-duration 1h')).err[0]).toMatch(/^1h is \d{4}-/)
    expect((await reset('--by-duration PT1H')).err).toEqual([])
    expect((await reset('--to-datetime 2026-01-01T00:00:00.000')).err).toEqual([])
    expect((await reset('--to 3')).err).toEqual([])
  })

  it.each([
    ['--to noon', '"noon" is no time or offset'],
    ['--to-datetime @noon', '"@noon" is no time or offset'],
    ['--to-datetime noon', "java.text.ParseException: Error parsing timestamp. It does not contain a 'T'"],
    ['--by-duration noon', 'Text cannot be parsed to a Duration'],
    ['--to 3 --to-earliest', 'Option "[to]" can\'t be used with option "[to-earliest]"'],
  ])('%s is refused', async (args, message) => {
    const { out, err } = await reset(args)
    expect([...out, ...err].join('\n')).toContain(message)
  })

  it('of the share kind too', async () => {
    const outcome = await runTool(shareGroups, admin, `--reset-offsets --group g --topic t --dry-run --to ${at(3)}`)
    expect(plan(outcome)).toEqual(['0 3', '1 3'])
    expect(outcome.err).toEqual([`${at(3)} is ${iso(3)}`])
  })
})

describe('get-offsets --time', () => {
  const get = (time: string): Promise<Outcome> => runTool(getOffsets, admin, `--topic t --time ${time}`)

  it.each([
    [at(3), ['t:0:3', 't:1:3']],
    [at(5), ['t:0:5']],
    ['-1h', []],
    ['-9999w', ['t:0:2', 't:1:0']],
    ['beginning', ['t:0:2', 't:1:0']],
    ['end', ['t:0:9', 't:1:4']],
    [`${base + 3 * HOUR_MS}`, ['t:0:3', 't:1:3']],
    ['-2', ['t:0:2', 't:1:0']],
    ['+5', ['t:0:2', 't:1:0']],
  ])('%s', async (time, expected) => {
    const { code, out } = await get(time)
    expect([code, out]).toEqual([0, expected])
  })

  it('says what a time is', async () => {
    expect((await get(at(3))).err).toEqual([`${at(3)} is ${iso(3)}`])
    expect((await get('5')).err).toEqual([])
  })

  it("names partitions without a record since then, unless it is Kafka's own way of asking", async () => {
    expect((await get(at(5))).err.slice(1)).toEqual(['No record since then: t-1'])
    expect((await get('@now:+1h')).err.slice(1)).toEqual(['No record since then: t-0, t-1'])
    expect(await get(`${base + 5 * HOUR_MS}`)).toMatchObject({ out: ['t:0:5'], err: [] })
  })

  it.each([
    ['@noon', 'Error occurred: "@noon" is no time or offset'],
    ['1h', 'Error occurred: Malformed time argument 1h. Please use -1 or latest'],
    ['-1x', 'Error occurred: Malformed time argument -1x. Please use -1 or latest'],
  ])('%s is refused', async (time, message) => {
    const { code, err } = await get(time)
    expect([code, err[0]]).toEqual([1, expect.stringContaining(message)])
  })
})

describe('delete-records', () => {
  let deleted: Record<string, number>
  const remove = (args: string): Promise<Outcome> => runTool(deleteRecords, admin, args)

  beforeEach(() => {
    deleted = {}
    admin.deleteRecords = (offsets) => {
      for (const [tp, offset] of offsets) deleted[topicPartitionKey(tp)] = offset
      return Promise.resolve(
        new Map([...offsets].map(([tp, lowWatermark]) => [tp, { ok: true, value: { lowWatermark } }])),
      )
    }
  })

  it.each([
    [`--topic t --before ${at(3)}`, { 't-0': 3, 't-1': 3 }],
    [`--topic t:0 --before ${at(3)}`, { 't-0': 3 }],
    [`--topic t --before ${at(1)}`, { 't-1': 1 }],
    ['--topic t --before latest', { 't-0': 9, 't-1': 4 }],
    ['--topic t --before -2', { 't-0': 7, 't-1': 2 }],
    ['--topic t --before 100', { 't-0': 9, 't-1': 4 }],
    ['--topic t --before earliest', {}],
    [`--topic t --before ${at(3)} --dry-run`, {}],
  ])('%s', async (args, expected) => {
    expect((await remove(args)).code).toBe(0)
    expect(deleted).toEqual(expected)
  })

  it('says what goes', async () => {
    const { err, out } = await remove(`--topic t --before ${at(2)}`)
    expect(err).toEqual([`${at(2)} is ${iso(2)}`, 'Deletes t-0 nothing, t-1 before offset 2 (up to 2 records)'])
    expect(out.at(-1)).toBe('partition: t-1\tlow_watermark: 2')
  })

  it.each([
    ['--topic t', 'Missing required argument "[before]"'],
    ['--before -1h', 'Missing required argument "[topic]"'],
    ['--topic t --before noon', '"noon" is no time or offset'],
    ['--topic t --before -1h --offset-json-file f', 'can\'t be used with option "[offset-json-file]"'],
    ['--yes', 'Missing required argument "[offset-json-file]"'],
    ['--topic none --before latest', 'This server does not host this topic-partition.'],
  ])('%s is refused', async (args, message) => {
    const { code, err } = await remove(args)
    expect([code, err.join('\n')]).toEqual([1, expect.stringContaining(message)])
    expect(deleted).toEqual({})
  })
})
