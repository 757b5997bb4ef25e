import { beforeEach, describe, expect, it } from 'vitest'
import type { GroupListing } from '../../src/client/types.ts'
import * as groups from '../../src/tools/groups/command.ts'
import { FakeAdmin } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

const listing = (groupId: string, type: string, protocolType: string): GroupListing => ({
  groupId,
  type,
  protocolType,
  state: 'Stable',
})

const everyType = [
  listing('billing', 'classic', 'consumer'),
  listing('by-hand', 'classic', ''),
  listing('workers', 'classic', 'connect'),
  listing('new', 'consumer', 'consumer'),
  listing('queue', 'share', 'share'),
  listing('counts', 'streams', 'streams'),
]

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(groups, admin, command)
const namesOf = ({ out }: Outcome): string[] => out.slice(1).map((line) => line.split(' ', 1)[0]!)

beforeEach(() => {
  admin = new FakeAdmin()
  admin.listGroups = () => Promise.resolve(everyType)
})

describe('groups', () => {
  it('lists them in columns as wide as the longest cell, 20 at least', async () => {
    admin.listGroups = () => Promise.resolve(everyType.slice(0, 2))
    const cells = (...texts: string[]): string => texts.map((text) => text.padEnd(20)).join(' ')
    expect(await run('--list')).toEqual({
      code: 0,
      out: [
        cells('GROUP', 'TYPE', 'PROTOCOL'),
        `${cells('billing', 'Classic', 'consumer')} `,
        `${cells('by-hand', 'Classic', '')} `,
      ],
      err: [],
    })
    admin.listGroups = () => Promise.resolve([listing('a-group-with-quite-a-long-name', 'classic', 'consumer')])
    expect((await run('--list')).out[0]).toBe(['GROUP', 'TYPE', 'PROTOCOL'].map((text) => text.padEnd(30)).join(' '))
    expect(admin.closed).toBe(true)
  })

  it.each([
    ['--list', ['billing', 'by-hand', 'workers', 'new', 'queue', 'counts']],
    ['--list --consumer', ['billing', 'by-hand', 'new']],
    ['--list --share', ['queue']],
    ['--list --streams', ['counts']],
    ['--list --group-type Classic', ['billing', 'by-hand', 'workers']],
    ['--list --protocol consumer', ['billing', 'new']],
    ['--list --protocol consumer --group-type classic', ['billing']],
  ])('%s', async (args, expected) => {
    expect(namesOf(await run(args))).toEqual(expected)
  })

  it.each([
    ['--list --group-type odd', '--group-type must be a valid group type.'],
    ['--consumer', 'Command must include exactly one action: --list.'],
    ['--list --consumer --share', `Option "[consumer]" can't be used with option "[share]"`],
    ['--list --streams --protocol x', `Option "[streams]" can't be used with option "[protocol]"`],
    ['--list --nope', 'nope is not a recognized option'],
    ['--list --command-config /nowhere/at-all', '/nowhere/at-all'],
  ])('%s fails', async (args, message) => {
    const { code, out, err } = await run(args)
    expect([code, out, err[0]]).toEqual([1, [], message])
  })

  it('tells why it failed', async () => {
    admin.listGroups = () => Promise.reject(new Error('no broker answered'))
    expect(await run('--list')).toEqual({
      code: 1,
      out: ['Error while executing groups command : no broker answered'],
      err: [],
    })
  })

  it('knows other formats', async () => {
    const { out } = await run('--list --group-type share --output json')
    expect(JSON.parse(out.join(''))).toEqual([{ group: 'queue', type: 'share', protocol: 'share' }])
  })
})
