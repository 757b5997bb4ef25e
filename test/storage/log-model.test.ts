import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Log } from '../../src/storage/log.ts'
import { TailCache } from '../../src/storage/tail-cache.ts'
import { allRecords, batch, openLog, temporaryDirectory, testContext } from './helpers.ts'

type Step =
  | { kind: 'append'; values: number; size: number }
  | { kind: 'roll' | 'flush' | 'retention' }
  | { kind: 'truncate' | 'deleteRecords' | 'read'; at: number }
  | { kind: 'reopen'; isClean: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      values: fc.integer({ min: 1, max: 4 }),
      size: fc.integer({ min: 0, max: 120 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('roll' as const, 'flush' as const, 'retention' as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('truncate' as const, 'deleteRecords' as const, 'read' as const, 'read' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), isClean: fc.boolean() }) },
)

/** What the log should hold: batches by base offset, and a start. */
class Model {
  batches: { base: number; values: string[] }[] = []
  start = 0
  end = 0

  records(from = this.start): string[] {
    return this.batches
      .flatMap(({ base, values }) =>
        values.map((value, index) => ({ offset: base + index, value })).filter(({ offset }) => offset >= from),
      )
      .map(({ offset, value }) => `${offset}:${value}`)
  }

  truncate(offset: number): void {
    this.batches = this.batches.filter(({ base, values }) => base + values.length <= offset)
    this.end = offset
    this.start = Math.min(this.start, offset)
  }
}

async function run(steps: readonly Step[], cacheBytes: number): Promise<void> {
  const directory = temporaryDirectory()
  const context = testContext({ tailCache: new TailCache(cacheBytes) })
  const config = { segmentBytes: 700, indexIntervalBytes: 150, fileDeleteDelayMs: 0 }
  const model = new Model()
  let log: Log = await openLog(context, directory, config)
  let sequence = 0
  for (const action of steps) {
    if (action.kind === 'append') {
      const values = Array.from({ length: action.values }, () => `${sequence++}`.padEnd(action.size, '.'))
      const result = log.append(batch(values), { leaderEpoch: 1 })
      expect(result.firstOffset).toBe(model.end)
      model.batches.push({ base: model.end, values })
      model.end += values.length
      continue
    }
    await log.flush()
    const pick = (low: number, at: number): number => Math.round(low + (model.end - low) * at)
    if (action.kind === 'roll') log.roll()
    if (action.kind === 'retention') {
      log.deleteOldSegments()
      context.clock.advance(0)
    }
    if (action.kind === 'truncate') {
      // Truncation happens at batch boundaries.
      const bases = [...model.batches.map(({ base }) => base), model.end].filter((base) => base >= model.start)
      const offset = bases[Math.floor(action.at * bases.length)] ?? model.end
      log.truncateTo(offset)
      model.truncate(offset)
    }
    if (action.kind === 'deleteRecords') {
      model.start = pick(model.start, action.at)
      log.deleteRecords(model.start)
    }
    if (action.kind === 'read') {
      const from = pick(model.start, action.at)
      const buffer = await log.readAsync({ startOffset: from, maxBytes: 200 })
      expect(buffer.length > 0).toBe(from < model.end)
    }
    if (action.kind === 'reopen') {
      if (action.isClean) await log.close()
      else log.closeHandles()
      log = await openLog(context, directory, config, { isClean: action.isClean, logStartOffset: model.start })
    }
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark]).toEqual([model.start, model.end, model.end])
    expect(allRecords(log)).toEqual(model.records())
  }
  await log.flush()
  expect(allRecords(log)).toEqual(model.records())
  await log.close()
}

it.each([0, 500, 1e6])(
  'behaves as a list of batches, whatever is done (tail cache of %i bytes)',
  async (cacheBytes) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => run(steps, cacheBytes)),
      { numRuns: 40 },
    )
  },
)
