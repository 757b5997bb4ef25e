import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchBuilder } from '../../src/protocol/records/batch-builder.ts'
import * as logDirs from '../../src/tools/log-dirs/command.ts'
import * as reassign from '../../src/tools/reassign-partitions/command.ts'
import { placeReplicas } from '../../src/tools/reassign-partitions/place.ts'
import { parseExecutablePlan } from '../../src/tools/reassign-partitions/plan-json.ts'
import { compareReplicas } from '../../src/tools/replica-verification/compare.ts'
import { FakeAdmin, node, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-reassign-'))
  admin = new FakeAdmin()
  admin.nodes = [node(1), node(2), node(3)]
  admin.topics.set('a', topic('a', [{ replicas: [node(1), node(2)] }, { replicas: [node(2), node(3)] }]))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const file = (content: unknown): string => {
  const path = join(dir, 'plan.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const plan = (...replicas: number[]) => ({ version: 1, partitions: [{ topic: 'a', partition: 0, replicas }] })
const run = (command: string): Promise<Outcome> => runTool(reassign, admin, command)

describe('reassign-partitions', () => {
  it('starts a plan, throttled, and prints what to go back to', async () => {
    const { code, out } = await run(`--execute --reassignment-json-file ${file(plan(1, 3))} --throttle 5000`)
    expect([code, ...out]).toEqual([
      0,
      'Current partition replica assignment',
      '',
      '{"version":1,"partitions":[{"topic":"a","partition":0,"replicas":[1,2],"log_dirs":["/data","/data"]}]}',
      '',
      'Save this to use as the --reassignment-json-file option during rollback',
      'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.',
      'The inter-broker throttle limit was set to 5000 B/s',
      'Successfully started partition reassignment for a-0',
    ])
    const [topics, brokers, moved] = admin.changes as [string, [{ name: string }, { value: string }[]][]][]
    expect(topics![1].map(([{ name }, ops]) => [name, ops.map(({ value }) => value)])).toEqual([
      ['a', ['0:1,0:2', '0:3']],
    ])
    expect(brokers![1].map(([{ name }]) => name)).toEqual(['1', '2', '3'])
    expect(moved).toEqual(['reassign', [['a-0', [1, 3]]]])
  })

  it('verifies, and lifts throttles', async () => {
    expect((await run(`--verify --reassignment-json-file ${file(plan(1, 2))}`)).out).toEqual([
      'Status of partition reassignment:',
      'Reassignment of partition a-0 is completed.',
      '',
      'Clearing broker-level throttles on brokers 1,2,3',
      'Clearing topic-level throttles on topic a',
    ])
    const { out } = await run(`--verify --preserve-throttles --reassignment-json-file ${file(plan(3, 2))}`)
    expect(out).toEqual([
      'Status of partition reassignment:',
      'There is no active reassignment of partition a-0, but replica set is 1,2 rather than 3,2.',
      '',
    ])
  })

  it('lists and cancels what is under way', async () => {
    admin.listPartitionReassignments = () =>
      Promise.resolve(new Map([['a-0', { replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [2] }]]))
    expect((await run('--list')).out).toEqual([
      'Current partition reassignments:',
      'a-0: replicas: 1,2,3. adding: 3. removing: 2.',
    ])
    const { out } = await run(`--cancel --preserve-throttles --reassignment-json-file ${file(plan(1, 3))}`)
    expect(out).toEqual([
      'Successfully cancelled partition reassignment for: a-0',
      'None of the specified partition moves are active.',
    ])
    expect(admin.changes).toEqual([['reassign', [['a-0', null]]]])
    const refused = await run(`--execute --reassignment-json-file ${file(plan(1, 3))}`)
    expect([refused.code, refused.out[0]!.slice(0, 68)]).toEqual([
      1,
      'Cannot execute because there is an existing partition assignment.  U',
    ])
  })

  it('proposes replicas on the brokers named', async () => {
    const path = file({ topics: [{ topic: 'a' }] })
    const { out } = await run(`--generate --topics-to-move-json-file ${path} --broker-list 2,3`)
    expect(out[3]).toBe('Proposed partition reassignment configuration')
    const { partitions } = JSON.parse(out[4]!) as { partitions: { replicas: number[] }[] }
    for (const { replicas } of partitions) expect([...replicas].sort()).toEqual([2, 3])
  })

  it.each([
    [
      '--list --execute',
      /^Command must include exactly one action: --generate, --execute, --verify, --cancel, --list$/,
    ],
    ['--execute', /^Missing required argument "\[reassignment-json-file\]"$/],
    ['--list --throttle 5', /^Option "\[throttle\]" can't be used with action "\[list\]"$/],
    ['--list --bootstrap-controller c:1', /^Please don't specify both --bootstrap-server and --bootstrap-controller$/],
  ])('%s is refused with the usage text', async (command, message) => {
    const { code, err } = await run(command)
    expect(code).toBe(1)
    expect(err[0]).toMatch(message)
  })

  it.each([
    ['{"partitions":[]}', 'Partition reassignment list cannot be empty'],
    ['{"partitions":[{"topic":"a","partition":0,"replicas":[]}]}', 'Partition replica list cannot be empty'],
    [
      '{"partitions":[{"topic":"a","partition":0,"replicas":[1,1]}]}',
      'Partition replica lists may not contain duplicate entries: a-0 contains multiple entries for 1',
    ],
    [
      '{"partitions":[{"topic":"a","partition":0,"replicas":[1],"log_dirs":[]}]}',
      'Size of replicas list [1] is different from size of log dirs list [] for partition a-0',
    ],
    ['{"version":2}', 'Not supported version field value 2'],
    ['[]', 'Expected JSON object, received []'],
    ['{"partitions":[{"partition":0}]}', 'No such field exists: `topic`'],
  ])('refuses %s', (text, message) => {
    expect(() => parseExecutablePlan(text)).toThrow(message)
  })

  it('reports unknown brokers and missing files on standard output', async () => {
    expect(await run(`--execute --reassignment-json-file ${file(plan(9))}`)).toMatchObject({
      code: 1,
      out: ['Error: Unknown broker id 9'],
    })
    expect((await run('--verify --reassignment-json-file /nowhere')).out).toEqual([
      'Error: Unable to read file /nowhere',
    ])
  })
})

describe('placeReplicas', () => {
  it('gives each partition different brokers, each broker as many leaders, and each replica a rack of its own', () => {
    const brokers = [0, 1, 2, 3, 4, 5].map((id) => ({ id, rack: `r${id % 3}` }))
    const placed = placeReplicas(brokers, 12, 3)
    for (const replicas of placed) expect(new Set(replicas.map((id) => id % 3)).size).toBe(3)
    const leaders = brokers.map(({ id }) => placed.filter(([first]) => first === id).length)
    expect(leaders).toEqual([2, 2, 2, 2, 2, 2])
    expect(() => placeReplicas(brokers, 1, 7)).toThrow(
      'The target replication factor of 7 cannot be reached because only 6 broker(s) are registered.',
    )
  })
})

describe('log-dirs', () => {
  it('prints JSON as Kafka does, keys in its order', async () => {
    const replica = { topic: 'a', partition: 0, sizeBytes: 10n, offsetLag: 0n, isFuture: false }
    const described = { path: '/d', errorClass: null, errorCode: 0, totalBytes: 1n, usableBytes: 1n }
    admin.logDirs.set(2, [{ ...described, replicas: [replica, { ...replica, topic: 'b' }] }])
    expect(await runTool(logDirs, admin, '--describe --broker-list 2 --topic-list a')).toEqual({
      code: 0,
      out: [
        'Querying brokers for log directories information',
        'Received log directory information from brokers 2',
        '{"brokers":[{"broker":2,"logDirs":[{"partitions":[{"partition":"a-0","size":10,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/d"}]}],"version":1}',
      ],
      err: [],
    })
    const { out } = await runTool(logDirs, admin, '--describe --broker-list 2 --output json')
    expect(JSON.parse(out.join(''))).toMatchObject([{ nodeId: 2, replicas: [{ topic: 'a' }, { topic: 'b' }] }])
  })

  it('refuses brokers that are not there', async () => {
    const { code, err } = await runTool(logDirs, admin, '--describe --broker-list 7')
    expect([code, err]).toEqual([
      1,
      ['ERROR: The given brokers do not exist from --broker-list: 7. Current existent brokers: 1,2,3'],
    ])
  })
})

describe('compareReplicas', () => {
  const records = (...values: string[]): Buffer => {
    const batches = values.map((value, i) => {
      const builder = new BatchBuilder({ baseOffset: i })
      builder.append({ value: Buffer.from(value), timestamp: 1 })
      return builder.finish()
    })
    return Buffer.concat(batches)
  }

  it('goes on as far as all have the same, below the high watermark', () => {
    const same = { highWatermark: 3, records: records('a', 'b', 'c') }
    const short = { highWatermark: 2, records: records('a', 'b') }
    expect(
      compareReplicas(
        new Map([
          [1, same],
          [2, same],
        ]),
        0,
      ),
    ).toMatchObject({ nextOffset: 3, differences: [] })
    expect(
      compareReplicas(
        new Map([
          [1, same],
          [2, short],
        ]),
        0,
      ),
    ).toMatchObject({ nextOffset: 2, highWatermark: 3 })
  })

  it('tells of other checksums and of other offsets', () => {
    const one = { highWatermark: 9, records: records('a', 'b') }
    const other = { highWatermark: 9, records: records('a', 'x') }
    const shifted = { highWatermark: 9, records: one.records.subarray(one.records.length / 2) }
    const found = compareReplicas(
      new Map([
        [1, one],
        [2, other],
      ]),
      0,
    )
    expect(found.differences).toEqual([expect.stringMatching(/^ has unmatched checksum at offset 1; replica 1's/)])
    expect(
      compareReplicas(
        new Map([
          [1, one],
          [2, shifted],
        ]),
        0,
      ),
    ).toMatchObject({
      isFatal: true,
      differences: [": replica 1's offset 0 doesn't match replica 2's offset 1"],
    })
  })
})
