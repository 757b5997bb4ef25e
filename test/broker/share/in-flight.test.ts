import { expect, it } from 'vitest'
import { InFlight, unlockedRun } from '../../../src/broker/share/in-flight.ts'
import { RecordState } from '../../../src/broker/share/record-state.ts'

/** A window from 10 on: 10-19 acquired, 20-24 available, 25-29 unknown, 30-39 archived, 40-44 available. */
function window(): InFlight {
  const inFlight = new InFlight(10)
  const runs: [number, number, RecordState][] = [
    [10, 19, RecordState.ACQUIRED],
    [20, 24, RecordState.AVAILABLE],
    [30, 39, RecordState.ARCHIVED],
    [40, 44, RecordState.AVAILABLE],
  ]
  for (const [first, last, state] of runs) inFlight.insert(unlockedRun(first, last, state, 1))
  return inFlight
}

it.each([
  [1, 21],
  [5, 25],
  [6, 26],
  [10, 30],
  [11, 41],
  [15, 45],
  [16, 46],
  [500, 530],
])('%i records to acquire end at %i', (count, end) => {
  expect(window().endOfAcquirable(20, count)).toBe(end)
})

it('counts from the middle of a run, and in an empty window', () => {
  expect(window().endOfAcquirable(22, 4)).toBe(26)
  expect(new InFlight(7).endOfAcquirable(7, 500)).toBe(507)
})
