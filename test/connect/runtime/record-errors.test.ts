import { describe, expect, it } from 'vitest'
import { DataError, RetriableError } from '../../../src/connect/data/errors.ts'
import { type Failure, RecordErrors } from '../../../src/connect/runtime/record-errors.ts'

const never = new AbortController().signal
const settings = { retryTimeoutMs: 0, retryDelayMaxMs: 1, tolerance: 'none' } as const

describe('RecordErrors', () => {
  it('answers at once when nothing is wrong', () => {
    expect(new RecordErrors(settings, [], never).run('r', () => 5)).toBe(5)
  })

  it('fails with what was thrown as the cause, after it was reported', async () => {
    const failures: Failure<string>[] = []
    const errors = new RecordErrors<string>(settings, [(failure) => void failures.push(failure)], never)
    const cause = new DataError('bad')
    const outcome = errors.run('r', (at) => {
      at.stage = 'VALUE_CONVERTER'
      at.className = 'C'
      throw cause
    })
    await expect(outcome).rejects.toMatchObject({ message: 'Tolerance exceeded in error handler', cause })
    expect(failures).toEqual([{ stage: 'VALUE_CONVERTER', className: 'C', record: 'r', error: cause }])
  })

  it('skips where errors are tolerated', async () => {
    const errors = new RecordErrors<string>({ ...settings, tolerance: 'all' }, [], never)
    const outcome = errors.run('r', () => {
      throw new DataError('bad')
    })
    expect(await outcome).toBeUndefined()
  })

  it('tries again what may work later, and only that', async () => {
    const errors = new RecordErrors<string>({ ...settings, retryTimeoutMs: -1 }, [], never)
    let tries = 0
    const work = (): number => {
      if (++tries < 3) throw new RetriableError('not now')
      return tries
    }
    expect(await errors.run('r', work)).toBe(3)
    const broken = errors.run('r', () => {
      tries++
      throw new DataError('never')
    })
    await expect(broken).rejects.toThrow('Tolerance exceeded')
    expect(tries).toBe(4)
  })

  it('stops trying when the task is stopped', async () => {
    const stopped = new AbortController()
    const errors = new RecordErrors<string>({ ...settings, retryTimeoutMs: -1 }, [], stopped.signal)
    const outcome = errors.run('r', () => {
      stopped.abort()
      throw new RetriableError('not now')
    })
    await expect(outcome).rejects.toThrow('Tolerance exceeded')
  })
})
