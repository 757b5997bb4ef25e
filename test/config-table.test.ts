import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CONFIG_TABLE, configsRead, configTable, REASONS, reasonFor } from '../scripts/config-table.ts'
import { BROKER_CONFIG_DEF } from '../src/config/broker-definitions.ts'

describe('the table of broker configs', () => {
  const read = configsRead()

  it('has a reason for every config without effect', () => {
    const all = [...BROKER_CONFIG_DEF.keys.keys()]
    expect(all.filter((name) => !read.has(name) && reasonFor(name) === undefined)).toEqual([])
  })

  it('has no reason too many', () => {
    const without = [...BROKER_CONFIG_DEF.keys.keys()].filter((name) => !read.has(name))
    expect(REASONS.filter(([, reason]) => !without.some((name) => reasonFor(name) === reason))).toEqual([])
  })

  it.each([
    'queued.max.request.bytes',
    'connections.max.idle.ms',
    'connections.max.reauth.ms',
    'ssl.allow.dn.changes',
    'log.retention.hours',
    'group.share.max.size',
    'group.share.record.lock.duration.ms',
    'quota.window.num',
  ])('counts %s as read', (name) => expect(read).toContain(name))

  it('is what the code says (else: npm run config-table)', () => {
    expect(readFileSync(CONFIG_TABLE, 'utf8')).toBe(configTable())
  })
})
