import { describe, expect, it } from 'vitest'
import { type EntityPart, QuotaTable } from '../../../src/broker/quota/quota-table.ts'

/** From the most specific to the least; undefined: not asked, null: the default. */
const PRECEDENCE: readonly [string, EntityPart, EntityPart][] = [
  ['user and client id', 'alice', 'app'],
  ['user and default client id', 'alice', null],
  ['user', 'alice', undefined],
  ['default user and client id', null, 'app'],
  ['default user and default client id', null, null],
  ['default user', null, undefined],
  ['client id', undefined, 'app'],
  ['default client id', undefined, null],
]
const CLIENT = { user: 'alice', clientId: 'app' }
const limitOf = (table: QuotaTable, client = CLIENT): number | undefined => table.limitOf(table.shareOf(client))

describe('QuotaTable', () => {
  it.each(PRECEDENCE.map((entry, i) => [entry[0], i] as const))(
    '%s wins over all that are less specific',
    (_name, from) => {
      const table = new QuotaTable()
      for (const [i, [, user, clientId]] of [...PRECEDENCE.entries()].reverse()) {
        if (i >= from) table.set(user, clientId, 100 + i)
      }
      expect(limitOf(table)).toBe(100 + from)
    },
  )

  it.each(PRECEDENCE)('%s alone holds, and no more once removed', (_name, user, clientId) => {
    const table = new QuotaTable()
    expect(table.isEmpty).toBe(true)
    table.set(user, clientId, 7)
    table.set(user, clientId, 8)
    expect(limitOf(table)).toBe(8)
    table.set(user, clientId, undefined)
    expect(table.isEmpty).toBe(true)
    expect(limitOf(table)).toBeUndefined()
  })

  it('names of others get nothing', () => {
    const table = new QuotaTable()
    table.set('bob', 'app', 1)
    table.set('bob', undefined, 2)
    table.set(undefined, 'other', 3)
    expect(limitOf(table)).toBeUndefined()
  })

  it('clients share what their user has, unless the quota asks for the client id', () => {
    const table = new QuotaTable()
    table.set(null, undefined, 1)
    expect(table.shareOf({ user: 'alice', clientId: 'a' })).toEqual(table.shareOf({ user: 'alice', clientId: 'b' }))
    expect(table.shareOf({ user: 'alice', clientId: 'a' })).not.toEqual(table.shareOf({ user: 'bob', clientId: 'a' }))
    table.set('alice', null, 2)
    expect(table.shareOf({ user: 'alice', clientId: 'a' })).not.toEqual(table.shareOf({ user: 'alice', clientId: 'b' }))
    expect(table.shareOf({ user: 'bob', clientId: 'a' })).toEqual(table.shareOf({ user: 'bob', clientId: 'b' }))
  })

  it('all users share what a client id has', () => {
    const table = new QuotaTable()
    table.set(undefined, null, 1)
    expect(table.shareOf({ user: 'alice', clientId: 'a' })).toEqual(table.shareOf({ user: 'bob', clientId: 'a' }))
  })
})
