import { afterEach, describe, expect, it } from 'vitest'
import { connectAdmin } from '../../src/client/admin/connect.ts'
import { CALLS, guarded } from '../../src/client/admin/guarded.ts'
import { setChangeGuard } from '../../src/client/change-guard.ts'
import { Consumer } from '../../src/client/consumer/consumer.ts'
import { Producer } from '../../src/client/producer/producer.ts'
import { ShareConsumer } from '../../src/client/share-consumer/share-consumer.ts'
import type { Admin } from '../../src/client/types.ts'

afterEach(() => setChangeGuard(undefined))

const bootstrapServers = [{ host: 'localhost', port: 1 }]

/** An Admin that only notes what it is asked. */
const noting = (): { admin: Admin; calls: string[] } => {
  const calls: string[] = []
  const entries = Object.keys(CALLS).map((name) => [name, async () => void calls.push(name)])
  return { admin: guarded(Object.fromEntries(entries) as Admin), calls }
}

const invoke = (admin: Admin, name: string, ...args: unknown[]): Promise<unknown> =>
  (admin as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[name]!(...args)

describe('the guard of changes', () => {
  it('knows every call of the admin client', async () => {
    const admin = await connectAdmin({ bootstrapServers })
    const names = Object.keys(admin).filter((name) => name !== 'close')
    expect(names.sort()).toEqual(Object.keys(CALLS).sort())
    await admin.close()
  })

  it('stands before each call that changes something, and before no other', async () => {
    const asked: string[] = []
    setChangeGuard({ beforeChange: async (what) => void asked.push(what) })
    const { admin, calls } = noting()
    for (const name of Object.keys(CALLS)) await invoke(admin, name)
    expect(calls).toEqual(Object.keys(CALLS))
    expect(asked).toEqual(Object.keys(CALLS).filter((name) => CALLS[name as keyof typeof CALLS] !== false))
    expect(asked.filter((name) => /^(describe|list|fetchReplicas)/.test(name))).toEqual([])
  })

  it('lets nothing through that it refuses, and a mere validation always', async () => {
    setChangeGuard({ beforeChange: () => Promise.reject(new Error('no')) })
    const { admin, calls } = noting()
    await expect(admin.deleteTopics(['t'])).rejects.toThrow('no')
    await expect(admin.createTopics([{ name: 't' }])).rejects.toThrow('no')
    expect(calls).toEqual([])
    await admin.createTopics([{ name: 't' }], { validateOnly: true })
    await admin.incrementalAlterConfigs(new Map(), { validateOnly: true })
    expect(calls).toEqual(['createTopics', 'incrementalAlterConfigs'])
  })

  it('stops a producer before it connects', async () => {
    setChangeGuard({ beforeChange: (what) => Promise.reject(new Error(`no ${what}`)) })
    const producer = new Producer({ bootstrapServers })
    await expect(producer.topic('t')).rejects.toThrow('no produce')
    expect(producer.cluster.hasEverConnected).toBe(false)
    await producer.close()
  })

  it('stops consumers before they join a group, whether they commit or not, and before they commit without joining', async () => {
    setChangeGuard({ beforeChange: (what, name) => Promise.reject(new Error(`no ${what} ${name}`)) })
    for (const enableAutoCommit of [true, false]) {
      const member = new Consumer({ bootstrapServers, groupId: 'g', enableAutoCommit })
      member.subscribe({ topics: ['t'] })
      await expect(member.poll(0)).rejects.toThrow('no joinGroup g')
      await expect(member.poll(0)).rejects.toThrow('no joinGroup g')
      expect(member.cluster.hasEverConnected).toBe(false)
      await member.close()
    }
    const single = new Consumer({ bootstrapServers, groupId: 'g' })
    single.assign([{ topic: 't', partition: 0 }])
    await expect(single.poll(0)).rejects.toThrow('no commitOffsets g')
    await single.close()
    const share = new ShareConsumer({ bootstrapServers, groupId: 's' })
    share.subscribe(['t'])
    await expect(share.poll(0)).rejects.toThrow('no joinGroup s')
    expect(share.cluster.hasEverConnected).toBe(false)
    await share.close()
  })
})
