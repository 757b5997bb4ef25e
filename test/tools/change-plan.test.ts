import { describe, expect, it } from 'vitest'
import type { Admin } from '../../src/client/types.ts'
import * as configs from '../../src/tools/configs/command.ts'
import { showPlan } from '../../src/tools/shared/change-plan.ts'
import * as topics from '../../src/tools/topics/command.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { FakeAdmin, topic } from './fake-admin.ts'
import { runTool } from './run-tool.ts'

const never = (): Promise<never> => Promise.reject(new Error('asked'))

describe('the plan of a change', () => {
  it('is shown to a person, or where it is asked for; in a pipe it is not even made', async () => {
    const pipe = memoryIo()
    expect(await showPlan(pipe, { has: () => false }, never)).toBe(false)
    const terminal = { ...memoryIo(), isTTY: true, stdinIsTTY: true, stderrIsTTY: true }
    expect(await showPlan(terminal, { has: () => false }, async () => ['a → b'])).toBe(false)
    expect([terminal.out.text, terminal.err.text]).toEqual(['', 'a → b\n'])
    expect(await showPlan(terminal, { has: () => false }, never)).toBe(false)
    expect(await showPlan(pipe, { has: (name) => name === 'dry-run' }, async () => ['a → b'])).toBe(true)
    expect([pipe.out.text, pipe.err.text]).toEqual(['a → b\n', ''])
  })

  it('of a deleted topic says what goes away, and deletes nothing', async () => {
    const admin = new FakeAdmin()
    admin.topics.set('t', topic('t', [{}, {}]))
    const all = async (specs: Map<unknown, unknown>) =>
      new Map(
        [...specs].map(([one, spec]) => [
          one,
          { ok: true, value: { offset: spec === 'latest' ? 10 : 3, timestamp: -1, leaderEpoch: null } },
        ]),
      )
    admin.listOffsets = all as unknown as Admin['listOffsets']
    const outcome = await runTool(topics, admin, '--delete --topic t --dry-run')
    expect(outcome).toEqual({ code: 0, out: ['t: 2 partitions, 14 records will be deleted'], err: [] })
    expect(admin.topics.has('t')).toBe(true)
    expect((await runTool(topics, admin, '--list --dry-run')).code).toBe(1)
  })

  it('never lets a change through that it can not show', async () => {
    const admin = new FakeAdmin()
    const user = '--alter --entity-type users --entity-name u --dry-run --add-config'
    expect((await runTool(configs, admin, `${user} SCRAM-SHA-256=[password=p]`)).code).toBe(1)
    const quotas = await runTool(configs, admin, `${user} producer_byte_rate=1`)
    expect(quotas).toEqual({ code: 0, out: ['producer_byte_rate: (none) → 1.0'], err: [] })
    expect((await runTool(configs, admin, '--describe --topic t --dry-run')).code).toBe(1)
  })
})
