import { expect, it } from 'vitest'
import { runIsolation } from '../reliability/isolation/run.ts'

it('isolates transactions through faults and kills', async () => {
  const { violations, transactions, kills } = await runIsolation(4000, 1500)
  expect(violations).toEqual([])
  expect(transactions.committed).toBeGreaterThan(20)
  expect(kills).toBeGreaterThan(0)
})
