/**
 * Transactions under fire for KT_SECONDS (default 600): lost answers, errors, delays and kill -9. Looks for aborted reads, lost writes,
 * duplicates, halves of transactions, diverging offsets, records out of order, and a pipe that isn't exactly-once.
 */
import { expect, it } from 'vitest'
import { runIsolation } from './isolation/run.ts'

const SECONDS = Number(process.env.KT_SECONDS ?? 600)

it(`isolates transactions for ${SECONDS} s`, { timeout: (SECONDS + 300) * 1000 }, async () => {
  const { violations, transactions, values, reads, kills } = await runIsolation(SECONDS * 1000, 8000)
  const counts = `${transactions.committed} committed, ${transactions.aborted} aborted, ${transactions.unknown} in doubt`
  console.log(`${values} values in transactions (${counts}), ${reads} reads, ${kills} kills`)
  expect(violations).toEqual([])
})
