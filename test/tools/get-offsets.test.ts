import { beforeEach, describe, expect, it } from 'vitest'
import * as getOffsets from '../../src/tools/get-offsets/command.ts'
import { FakeAdmin, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(getOffsets, admin, command)

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('b', topic('b', [{}, {}, {}]))
  admin.topics.set('a', topic('a', [{}]))
  admin.topics.set('__consumer_offsets', topic('__consumer_offsets', [{}]))
  admin.logs.set('b-0', [2, 9])
  admin.logs.set('b-2', [0, 4])
})

describe('get-offsets', () => {
  it.each([
    ['--topic b', ['b:0:9', 'b:1:0', 'b:2:4']],
    ['--topic b --time earliest', ['b:0:2', 'b:1:0', 'b:2:0']],
    ['--topic b --time -2 --partitions 0,2', ['b:0:2', 'b:2:0']],
    ['--topic b --time 1600000000000', ['b:0:2', 'b:2:0']],
    ['--exclude-internal-topics', ['a:0:0', 'b:0:9', 'b:1:0', 'b:2:4']],
    ['--topic-partitions b:1-', ['b:1:0', 'b:2:4']],
    ['--topic-partitions b:-2,a', ['a:0:0', 'b:0:9', 'b:1:0']],
    ['--topic-partitions :0 --exclude-internal-topics', ['a:0:0', 'b:0:9']],
  ])('%s', async (args, expected) => {
    expect(await run(args)).toEqual({ code: 0, out: expected, err: [] })
  })

  it.each([
    ['--topic none', 'Could not match any topic-partitions with the specified filters'],
    [
      '--topic b --partitions x',
      '--partitions expects a comma separated list of numeric partition ids, but received: x',
    ],
    ['--topic b --time noon', 'Malformed time argument noon. Please use -1 or latest'],
    ['--topic b --topic-partitions b', '--topic-partitions cannot be used with --topic or --partitions'],
    ['--topic-partitions b:1-x', 'org.apache.kafka.tools.TerseException: Invalid rule specification: b:1-x'],
    ['--nope', 'nope is not a recognized option'],
  ])('%s fails', async (args, message) => {
    const { code, out, err } = await run(args)
    expect([code, out]).toEqual([1, []])
    expect(err[0]).toContain(`Error occurred: ${message}`)
  })

  it('sorts partitions by their names', async () => {
    admin.topics.set('c', topic('c', Array(11).fill({})))
    admin.topics.set('c-b', topic('c-b', [{}]))
    const { out } = await run('--topic c|c-b')
    expect(out.slice(0, 3)).toEqual(['c:0:0', 'c:1:0', 'c:10:0'])
    expect(out.at(-1)).toBe('c-b:0:0')
  })

  it('knows other formats', async () => {
    expect(JSON.parse((await run('--topic a --output json')).out.join(''))).toEqual([
      { topic: 'a', partition: 0, offset: 0 },
    ])
  })
})
