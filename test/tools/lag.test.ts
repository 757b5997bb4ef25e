import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import * as lag from '../../src/tools/lag/command.ts'
import { parseDuration } from '../../src/tools/lag/duration.ts'
import { Chooser } from '../../src/tools/lag/glob.ts'
import { LagMeter, type MeasureOptions, type PartitionLag, type Snapshot } from '../../src/tools/lag/measure.ts'
import { RateBook, sparkline } from '../../src/tools/lag/rates.ts'
import { rowsOf } from '../../src/tools/lag/rows.ts'
import { Screen, type Terminal } from '../../src/tools/lag/screen.ts'
import { fitting } from '../../src/tools/lag/watch.ts'
import { durationText } from '../../src/tools/shared/duration-text.ts'
import { MemoryOutput, memoryIo } from '../cli/memory-io.ts'
import { emptyGroup, FakeAdmin, topic } from './fake-admin.ts'

const terminal: Terminal = { size: () => ({ columns: 80, rows: 24 }), onResize: () => () => {} }
const at = (offset: number) => ({ offset, leaderEpoch: null, metadata: '' })

/** Group g has read 40 of 100 records of t-0, all ten of t-1, and its next record is of second 50; it is second 60. */
const cluster = (): FakeAdmin => {
  const admin = new FakeAdmin()
  admin.topics.set('t', topic('t', [{}, {}]))
  admin.logs = new Map([
    ['t-0', [0, 100]],
    ['t-1', [0, 10]],
  ])
  admin.groups.set('g', emptyGroup('g'))
  admin.committed.set(
    'g',
    new Map([
      ['t-0', at(40)],
      ['t-1', at(10)],
    ]),
  )
  admin.readOn = ({ offset }) => ({ ok: true, value: { found: true, offset, timestamp: 50_000 } })
  return admin
}

const kt = async (admin: FakeAdmin, ...args: string[]) => {
  const io = memoryIo()
  const around = { connect: () => Promise.resolve(admin), now: () => 60_000, terminal: () => terminal }
  const module = { spec: lag.spec, run: (given: readonly string[], within: Io) => lag.run(given, within, around) }
  const code = await runCommand(module, ['--bootstrap-server', 'h:1', ...args], io)
  return { code, out: io.out.text, err: io.err.text, rows: io.out.text.trimEnd().split('\n') }
}

const json = async (admin: FakeAdmin, ...args: string[]) =>
  JSON.parse((await kt(admin, '--output', 'json', ...args)).out) as Record<string, unknown>[]

describe('kt lag', () => {
  it('sums a group and topic, and has the age of the next record', async () => {
    const { code, rows } = await kt(cluster())
    expect(code).toBe(0)
    expect(rows).toEqual([
      'GROUP  STATE  TOPIC  PARTITIONS  CURRENT-OFFSET  LOG-END-OFFSET  LAG  TIME-BEHIND',
      'g      Empty  t               2              50             110   60          10s',
    ])
  })

  it('shows partitions', async () => {
    expect((await kt(cluster(), '--partitions')).rows.slice(1)).toEqual([
      'g      Empty  t              0              40             100   60          10s',
      'g      Empty  t              1              10              10    0            -',
    ])
  })

  it('reads the log only where something is behind', async () => {
    const admin = cluster()
    await kt(admin)
    expect(admin.changes).toEqual([['read', ['t-0@40']]])
  })

  it('has no lag where what is left holds no record', async () => {
    const admin = cluster()
    admin.readOn = () => ({ ok: true, value: { found: false, nextOffset: 100 } })
    expect(await json(admin)).toMatchObject([{ lag: 0, timeBehindMs: null, currentOffset: 50, logEndOffset: 110 }])
  })

  it('counts all the offsets when reading on came to no end', async () => {
    const admin = cluster()
    admin.readOn = () => ({ ok: true, value: { found: false, nextOffset: 99 } })
    expect(await json(admin)).toMatchObject([{ lag: 60, timeBehindMs: null }])
  })

  it('says what retention took before it was read', async () => {
    const admin = cluster()
    admin.logs.set('t-0', [70, 100])
    const ofRange = { ok: false, error: new KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE) } as const
    admin.readOn = ({ offset }) =>
      offset < 70 ? ofRange : { ok: true, value: { found: true, offset, timestamp: 20_000 } }
    expect(await json(admin)).toMatchObject([{ lag: 60, timeBehindMs: 40_000, note: '30 lost to retention' }])
  })

  it('does not count deleted topics, and says that it does not know of partitions without a commit', async () => {
    const admin = cluster()
    const listed = admin.listOffsets.bind(admin)
    admin.listOffsets = async (specs) => {
      const results = await listed(specs)
      const gone = { ok: false, error: new KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) } as const
      for (const tp of results.keys()) if (tp.topic === 'gone') results.set(tp, gone)
      return results
    }
    admin.committed.get('g')!.set('gone-0', at(3))
    const member = { memberId: 'm', groupInstanceId: null, clientId: 'c', host: '/h', memberEpoch: 1, isClassic: null }
    const assignment = [{ topic: 't', partition: 2 }]
    const members = [{ ...member, assignment, targetAssignment: null }]
    admin.groups.set('g', { ...emptyGroup('g'), state: 'Stable', type: 'consumer', members })
    admin.logs.set('t-2', [0, 5])
    expect(await json(admin)).toMatchObject([
      { topic: 'gone', lag: null, unknownPartitionCount: 0, note: 'no such partition' },
      { topic: 't', lag: 60, unknownPartitionCount: 1, note: '1 × no commit', partitionCount: 3 },
    ])
    expect(await kt(admin, '--max-lag', '1000')).toMatchObject({ code: 1, err: expect.stringContaining('not known') })
  })

  it('takes lag and start of share groups from their coordinator', async () => {
    const admin = cluster()
    admin.groups.clear()
    admin.groups.set('s', { ...emptyGroup('s'), type: 'share' })
    admin.shareOffsets.set({ topic: 't', partition: 0 }, { startOffset: 90, leaderEpoch: null, lag: 4 })
    expect(await json(admin)).toMatchObject([{ group: 's', type: 'share', currentOffset: 90, lag: 4 }])
  })

  it.each<[string, string[], number, string]>([
    ['within both limits', ['--max-lag', '60', '--max-time-behind', '10s'], 0, ''],
    ['beyond the lag', ['--max-lag', '59'], 2, 'g/t: the lag of 60 is beyond 59\n'],
    ['beyond the age', ['--max-time-behind', '9s'], 2, 'g/t: the next record is 10s old, beyond 9s\n'],
    ['beyond it in a partition', ['--partitions', '--max-lag', '0'], 2, 'g/t-0: the lag of 60 is beyond 0\n'],
    ['a group that is not there', ['nope', '--max-lag', '9'], 1, 'There is no group nope, or it may not be seen.\n'],
    ['a topic the group has nothing of', ['--topic', 'u'], 1, 'No chosen group has offsets in u.\n'],
    ['a wrong type', ['--type', 'raft'], 1, "There is no type of group 'raft'"],
    ['a wrong duration', ['--max-time-behind', 'soon'], 1, "'soon' of --max-time-behind is no duration"],
    ['an unknown option', ['--max-leg', '1'], 1, 'max-leg is not a recognized option'],
  ])('ends by its limits: %s', async (_what, args, code, err) => {
    const outcome = await kt(cluster(), ...args)
    expect(outcome.code).toBe(code)
    expect(err === '' ? outcome.err : outcome.err.slice(0, err.length)).toBe(err)
  })

  it('fails by a limit when there is nothing to hold against it', async () => {
    expect(await kt(new FakeAdmin())).toMatchObject({ code: 0, err: 'There are no groups.\n' })
    expect((await kt(new FakeAdmin(), '--max-lag', '1')).code).toBe(1)
  })

  it('watches until all is read, a line a measurement', async () => {
    const admin = cluster()
    const read = admin.listConsumerGroupOffsets.bind(admin)
    let times = 0
    admin.listConsumerGroupOffsets = (ids) => {
      if (++times === 2) admin.committed.get('g')!.set('t-0', at(100))
      return read(ids)
    }
    const { code, rows } = await kt(admin, '-w1', '--until-zero')
    expect(code).toBe(0)
    expect(rows.map((row) => JSON.parse(row) as unknown)).toMatchObject([
      { timestampMs: 60_000, group: 'g', topic: 't', lag: 60, produceRate: null, etaMs: null },
      { lag: 0 },
    ])
  })

  it('ends with 2 when the time is over and there still is a lag', async () => {
    expect(await kt(cluster(), '--until-zero', '--for', '1ms')).toMatchObject({
      code: 2,
      err: 'There still is a lag.\n',
    })
  })
})

describe('kt lag -w at a terminal', () => {
  it('draws in place, goes on through trouble, and leaves the terminal as it was', async () => {
    const admin = cluster()
    const io = { ...memoryIo(), isTTY: true }
    const read = admin.listConsumerGroupOffsets.bind(admin)
    let times = 0
    admin.listConsumerGroupOffsets = (ids) => {
      times++
      if (times === 2) return Promise.reject(new Error('the broker is away'))
      if (times === 3) io.interrupt()
      return read(ids)
    }
    let resized = (): void => {}
    const listening: Terminal = {
      size: terminal.size,
      onResize: (listener) => {
        resized = listener
        return () => {
          resized = () => {
            throw new Error('still listening')
          }
        }
      },
    }
    const around = { connect: () => Promise.resolve(admin), now: () => 60_000, terminal: () => listening }
    const code = await lag.run(['--bootstrap-server', 'h:1', '-w', '1', '--max-lag', '50'], io, around)
    expect(code).toBe(2)
    const drawings = io.out.text.split('\x1b[J')
    expect(drawings[0]).toContain('\x1b[?25lGROUP  TOPIC  LAG  HISTORY')
    expect(drawings[0]).toMatch(/g {6}t {7}60 {2}█ /)
    expect(drawings[1]).toMatch(/^\r\x1b\[4A.*the broker is away/s)
    expect(io.out.text.endsWith('\r\x1b[K\x1b[?25h')).toBe(true)
    expect(admin.closed).toBe(true)
    expect(resized).toThrow('still listening')
  })
})

const options: MeasureOptions = {
  choice: { groups: new Chooser([]), types: [] },
  topics: new Chooser([]),
  readCommitted: false,
  now: () => 60_000,
}

describe('measuring again', () => {
  it('reads nothing of a group that has not moved', async () => {
    const admin = cluster()
    const meter = new LagMeter(admin, options)
    await meter.measure()
    await meter.measure()
    expect(admin.changes).toEqual([['read', ['t-0@40']]])
    admin.committed.get('g')!.set('t-0', at(41))
    await meter.measure()
    expect(admin.changes.at(-1)).toEqual(['read', ['t-0@41']])
  })

  it('asks for a partition once a request when groups are at different offsets of it', async () => {
    const admin = cluster()
    admin.groups.set('h', emptyGroup('h'))
    admin.committed.set(
      'h',
      new Map([
        ['t-0', at(41)],
        ['t-1', at(3)],
      ]),
    )
    await new LagMeter(admin, options).measure()
    expect(admin.changes).toEqual([
      ['read', ['t-0@40', 't-1@3']],
      ['read', ['t-0@41']],
    ])
  })
})

const partition = (more: Partial<PartitionLag>): PartitionLag => ({
  ...{ group: 'g', type: 'classic', state: 'Stable', topic: 't', partition: 0 },
  ...{ currentOffset: 0, logEndOffset: 0, lag: 0, timeBehindMs: null, lostRecords: 0, note: null },
  ...more,
})
const snapshot = (timeMs: number, ...partitions: PartitionLag[]): Snapshot => ({
  ...{ timeMs, partitions, empty: [], failures: [] },
})
/** Measurements of [current, end] of one partition, one every ten seconds. */
const movementOf = (...offsets: [current: number, end: number][]) => {
  const book = new RateBook(10_000)
  let rows = rowsOf(snapshot(0), false)
  offsets.forEach(([currentOffset, logEndOffset], i) => {
    const one = partition({ currentOffset, logEndOffset, lag: logEndOffset - currentOffset })
    const now = snapshot(i * 10_000, one)
    rows = rowsOf(now, false)
    book.add(now, rows)
  })
  return book.movement(rows[0]!)
}

describe('rates', () => {
  it('are not known from one measurement', () => {
    expect(movementOf([0, 100])).toMatchObject({ produceRate: null, consumeRate: null, etaMs: null, history: [100] })
  })

  it('make the time until all is read', () => {
    // 10 records a second come, 60 are read: 50 a second less.
    const { produceRate, consumeRate, etaMs } = movementOf([0, 10_000], [600, 10_100])
    expect({ produceRate, consumeRate, etaMs }).toEqual({ produceRate: 10, consumeRate: 60, etaMs: 190_000 })
  })

  it('make no such time when more comes than is read, or nothing is', () => {
    expect(movementOf([0, 1000], [100, 2000]).etaMs).toBe(Number.POSITIVE_INFINITY)
    expect(movementOf([0, 1000], [0, 1000]).etaMs).toBeNull()
    expect(movementOf([0, 1000], [0, 1000], [0, 1000]).etaMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('start anew when offsets were reset', () => {
    expect(movementOf([500, 1000], [0, 1000])).toMatchObject({ consumeRate: null, history: [500, 1000] })
  })

  it('take the slowest partition for the time', () => {
    const book = new RateBook(1000)
    const two = (timeMs: number, a: number, b: number): Snapshot =>
      snapshot(
        timeMs,
        partition({ currentOffset: a, logEndOffset: 10_000, lag: 10_000 - a }),
        partition({ partition: 1, currentOffset: b, logEndOffset: 10_000, lag: 10_000 - b }),
      )
    book.add(two(0, 0, 0), [])
    const last = two(10_000, 1000, 100)
    book.add(last, rowsOf(last, false))
    expect(book.movement(rowsOf(last, false)[0]!).etaMs).toBe(990_000)
  })

  it('let a partition wait while others are read, but not for ever', () => {
    const book = new RateBook(1000)
    const after = (seconds: number): number | null => {
      const current = 100 * seconds
      const now = snapshot(
        seconds * 1000,
        partition({ currentOffset: current, logEndOffset: 20_000, lag: 20_000 - current }),
        partition({ partition: 1, currentOffset: 0, logEndOffset: 1000, lag: 1000 }),
      )
      const rows = rowsOf(now, false)
      book.add(now, rows)
      return book.movement(rows[0]!).etaMs
    }
    expect([0, 20, 40].map(after)).toEqual([null, 190_000, 170_000])
    expect(after(60)).toBe(Number.POSITIVE_INFINITY)
  })

  it('call what comes between two commits no backlog', () => {
    expect(movementOf([0, 900], [900, 2000], [1800, 3000]).etaMs).toBe(Number.POSITIVE_INFINITY)
    expect(movementOf([0, 300], [900, 1300], [1800, 2300]).etaMs).toBeCloseTo(5556, 0)
  })

  it('are drawn as bars', () => {
    expect(sparkline([0, 1, 4, 8], 10)).toBe('▁▂▅█')
    expect(sparkline([8, 0, 0], 2)).toBe('▁▁')
  })
})

describe('the screen', () => {
  const open = (size: { columns: number; rows: number }) => {
    const out = new MemoryOutput()
    return { out, screen: new Screen(out, { size: () => size, onResize: () => () => {} }), size }
  }

  it('draws over what it drew, and gives the cursor back once', () => {
    const { out, screen } = open({ columns: 80, rows: 24 })
    screen.draw(['a', 'b'])
    screen.draw(['c'])
    screen.close()
    screen.close()
    expect(out.text).toBe('\x1b[?25la\x1b[K\nb\x1b[K\n\x1b[J' + '\r\x1b[2Ac\x1b[K\n\x1b[J' + '\r\x1b[K\x1b[?25h')
  })

  it('cuts to the terminal, and counts lines that a narrower one has broken', () => {
    const { out, screen, size } = open({ columns: 10, rows: 3 })
    screen.draw(['0123456789abc', 'x', 'y', 'z'])
    expect(out.text).not.toMatch(/a|y|z/)
    Object.assign(size, { columns: 5, rows: 24 })
    screen.draw(['next'])
    expect(out.text).toContain('\x1b[3Anext')
  })

  it('has the rows with the largest lag when not all fit', () => {
    const rows = rowsOf(snapshot(0, ...[5, 1, 9].map((lagNow, i) => partition({ partition: i, lag: lagNow }))), true)
    expect(fitting(rows, 2).map((row) => row.lag)).toEqual([5, 9])
  })
})

describe('words', () => {
  it('choose groups by name and pattern', () => {
    const chooser = new Chooser(['a.b', 'x-*', '[0-3]?'])
    expect(['a.b', 'aXb', 'x-', 'x-1', '2z', '4z'].filter((name) => chooser.chooses(name))).toEqual([
      'a.b',
      'x-',
      'x-1',
      '2z',
    ])
    expect(chooser.unmatched(['a.b', 'x-1'])).toEqual(['[0-3]?'])
  })

  it('are durations', () => {
    expect(['500ms', '30', '1h30m', '1.5s', 'x', '5 m'].map(parseDuration)).toEqual([
      500,
      30_000,
      5_400_000,
      1500,
      undefined,
      undefined,
    ])
    expect([850, 12_000, 200_000, 3_600_000].map(durationText)).toEqual(['850ms', '12s', '3m 20s', '1h'])
  })
})
