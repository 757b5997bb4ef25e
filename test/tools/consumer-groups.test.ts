import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { MemberDescription } from '../../src/client/types.ts'
import * as groups from '../../src/tools/consumer-groups/command.ts'
import { emptyGroup, FakeAdmin, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

const folder = mkdtempSync(join(tmpdir(), 'kt-groups-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(groups, admin, command)
const commit = (offset: number) => ({ offset, leaderEpoch: 3, metadata: '' })
const member: MemberDescription = {
  memberId: 'console-consumer-1',
  groupInstanceId: null,
  clientId: 'console-consumer',
  host: '/127.0.0.1',
  assignment: [
    { topic: 'orders', partition: 1 },
    { topic: 'orders', partition: 0 },
  ],
  targetAssignment: null,
  memberEpoch: null,
  isClassic: null,
}

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('orders', topic('orders', [{}, {}]))
  admin.logs.set('orders-0', [2, 10])
  admin.logs.set('orders-1', [0, 4])
  admin.groups.set('idle', emptyGroup('idle'))
  admin.groups.set('busy', {
    ...emptyGroup('busy'),
    state: 'Stable',
    members: [member],
    partitionAssignor: 'range',
  })
  admin.committed.set('idle', new Map([['orders-0', commit(5)]]))
  admin.committed.set('busy', new Map([['orders-0', commit(10)]]))
})

describe('consumer-groups --list', () => {
  it('lists names, or states and types', async () => {
    expect((await run('--list')).out).toEqual(['idle', 'busy'])
    expect((await run('--list --state')).out).toEqual([
      `${'GROUP'.padEnd(25)} ${'STATE'.padEnd(20)}`,
      `${'idle'.padEnd(25)} ${'Empty'.padEnd(20)}`,
      `${'busy'.padEnd(25)} ${'Stable'.padEnd(20)}`,
    ])
    expect((await run('--list --state stable --type Classic')).out.slice(1)).toEqual([
      `${'busy'.padEnd(25)} ${'Classic'.padEnd(20)} ${'Stable'.padEnd(20)}`,
    ])
    expect((await run('--list --state Sleeping')).err[0]).toContain("Invalid state list 'Sleeping'. Valid states are: ")
    expect((await run('--list --type wild')).err[0]).toBe(
      "Invalid types list 'wild'. Valid types are: Consumer, Classic",
    )
  })
})

describe('consumer-groups --describe', () => {
  it('shows offsets with the columns as wide as they must be', async () => {
    expect(await run('--describe --group idle')).toEqual({
      code: 0,
      out: [
        '',
        'GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID',
        'idle            orders          0          5               10              5               -               -               -',
      ],
      err: ['', "Consumer group 'idle' has no active members."],
    })
    expect((await run('--describe --group busy --offsets --verbose')).out).toEqual([
      '',
      'GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID        HOST            CLIENT-ID',
      'busy            orders          0          3               10              10              0               console-consumer-1 /127.0.0.1      console-consumer',
      'busy            orders          1          -               -               4               -               console-consumer-1 /127.0.0.1      console-consumer',
    ])
  })

  it('shows members and state', async () => {
    expect((await run('--describe --group busy --members --verbose')).out).toEqual([
      '',
      'GROUP           CONSUMER-ID        HOST            CLIENT-ID        #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ',
      'busy            console-consumer-1 /127.0.0.1      console-consumer 2               -               orders:0,1           -               -                   ',
    ])
    expect((await run('--describe --group busy --state')).out).toEqual([
      '',
      'GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS',
      'busy            localhost:9091  (1)       range                Stable               1',
    ])
  })

  it('reports a missing group and still succeeds', async () => {
    expect(await run('--describe --group nope')).toEqual({
      code: 0,
      out: [
        '',
        'Error: Executing consumer group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group nope not found.',
      ],
      err: [],
    })
  })
})

describe('consumer-groups --reset-offsets', () => {
  const reset = (args: string): Promise<Outcome> => run(`--reset-offsets --group idle ${args}`)
  const newOffsets = async (args: string): Promise<string[]> =>
    (await reset(`${args} --export --dry-run`)).out.filter((line) => line !== '')

  it.each([
    ['--topic orders --to-earliest', ['orders,0,2', 'orders,1,0']],
    ['--topic orders --to-latest', ['orders,0,10', 'orders,1,4']],
    ['--topic orders:0 --to-offset 3', ['orders,0,3']],
    ['--topic orders:0 --to-offset 300', ['orders,0,10']],
    ['--topic orders:0 --to-offset -3', ['orders,0,2']],
    ['--all-topics --shift-by -1', ['orders,0,4']],
    ['--all-topics --shift-by 100', ['orders,0,10']],
    ['--topic orders --to-current', ['orders,0,5', 'orders,1,4']],
    ['--topic orders:0 --by-duration P1DT2H', ['orders,0,2']],
    ['--topic orders:0 --to-datetime 2020-01-01T00:00:00.000', ['orders,0,2']],
  ])('%s', async (args, expected) => {
    expect(await newOffsets(args)).toEqual(expected)
    expect(admin.changes).toEqual([])
  })

  it("lists groups and partitions in the order of Java's hash maps", async () => {
    for (const name of ['zeta', 'm2ord', 'alpha', 'b']) admin.groups.set(name, emptyGroup(name))
    admin.topics.set('m2gs-ks8283', topic('m2gs-ks8283', [{}, {}]))
    admin.logs.set('m2gs-ks8283-0', [0, 1]).set('m2gs-ks8283-1', [0, 1])
    const several = '--group alpha --group b --group m2ord --group zeta'
    const { out } = await run(`--reset-offsets ${several} --topic m2gs-ks8283 --to-earliest --export --dry-run`)
    const order = ['zeta', 'b', 'm2ord', 'alpha'].flatMap((name) => [
      `${name},m2gs-ks8283,1,0`,
      `${name},m2gs-ks8283,0,0`,
    ])
    expect(out.filter((line) => line !== '')).toEqual(order)
  })

  it('carries out with --execute only, and warns without either', async () => {
    const { out, err } = await reset('--topic orders:0 --to-earliest')
    expect(out).toEqual([
      '',
      'GROUP           TOPIC           PARTITION  NEW-OFFSET',
      'idle            orders          0          2',
    ])
    expect(err[0]).toContain('WARN: No action will be performed as the --execute option is missing.')
    expect(admin.changes).toEqual([])
    await reset('--topic orders:0 --to-earliest --execute')
    expect(admin.changes).toEqual([['offsets', 'idle', [['orders-0', 2]]]])
  })

  it('reads plans from files, with and without the group', async () => {
    const plain = join(folder, 'plain.csv')
    writeFileSync(plain, 'orders,0,5\n"orders",1,2\n')
    expect(await newOffsets(`--from-file ${plain}`)).toEqual(['orders,0,5', 'orders,1,2'])
    const grouped = join(folder, 'grouped.csv')
    writeFileSync(grouped, 'idle,orders,0,7\nother,orders,1,2\n')
    expect(await newOffsets(`--from-file ${grouped}`)).toEqual(['orders,0,7'])
    expect((await reset(`--from-file ${folder}/none.csv --dry-run`)).out[1]).toBe(
      `Error: Executing consumer group command failed due to java.io.IOException: Unable to read file ${folder}/none.csv`,
    )
  })

  it('leaves groups with members alone', async () => {
    const { out } = await run('--reset-offsets --group busy --topic orders --to-earliest --execute')
    expect(out[1]).toBe(
      "Error: Assignments can only be reset if the group 'busy' is inactive, but the current state is Stable.",
    )
    expect(admin.changes).toEqual([])
  })

  it.each([
    ['--topic orders --by-duration soon --dry-run', 'Text cannot be parsed to a Duration'],
    ['--topic orders --to-datetime 2020-01-01 --dry-run', 'java.text.ParseException: Error parsing timestamp.'],
    ['--topic orders --to-datetime 2020-13-01T00:00:00.000 --dry-run', 'Unparseable date: "2020-13-01T00:00:00.000Z"'],
    ['--topic orders --to-offset four --dry-run', "Cannot parse argument 'four' of option to-offset"],
    ['--topic orders:7 --to-earliest --dry-run', 'The partitions "orders-7" do not exist'],
    ['--topic none --to-earliest --dry-run', 'This server does not host this topic-partition.'],
  ])('%s fails', async (args, message) => {
    const { code, out } = await reset(args)
    expect(code).toBe(0)
    expect(out[1]).toContain('Error: Executing consumer group command failed due to ')
    expect(out[1]).toContain(message)
  })

  it.each([
    ['--to-earliest --dry-run', 'One of the reset scopes should be defined: --all-topics, --topic.'],
    ['--topic orders --dry-run', "Option '[reset-offsets]' requires one of the following scenarios: "],
    ['--topic orders --to-earliest --to-latest --dry-run', 'can\'t be used with option "[to-latest]"'],
    [
      '--topic orders --to-earliest --dry-run --execute',
      'Option [reset-offsets] only accepts one of [execute] and [dry-run]',
    ],
    ['--topic orders:1 --shift-by 1 --dry-run', 'Cannot shift offset for partition orders-1 since'],
    ['--topic orders:x --to-earliest --dry-run', "Invalid partition 'x' specified in topic arg 'orders:x''"],
  ])('%s shows the usage', async (args, message) => {
    const { code, err } = await reset(args)
    expect(code).toBe(1)
    expect(err[0]).toContain(message)
    expect(err[1]).toMatch(/^Option\s+Description$/)
  })
})

describe('consumer-groups --delete and --delete-offsets', () => {
  it('deletes groups and says which it could not', async () => {
    expect((await run('--delete --group idle')).out).toEqual([
      "Deletion of requested consumer groups ('idle') was successful.",
    ])
    expect((await run('--delete --group idle --group nope')).out).toEqual([
      '',
      'Error: Deletion of some consumer groups failed:',
      "* Group 'nope' could not be deleted due to: org.apache.kafka.common.errors.GroupIdNotFoundException: The group id does not exist.",
      '',
      "These consumer groups were deleted successfully: 'idle'",
    ])
  })

  it('deletes offsets', async () => {
    expect((await run('--delete-offsets --group idle --topic orders:0 --topic none')).out).toEqual([
      'Request succeeded for deleting offsets from group idle.',
      '',
      'TOPIC           PARTITION  STATUS         ',
      'none            -          Error: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic-partition.',
      'orders          0          Successful     ',
    ])
    expect((await run('--delete-offsets --group nope --topic orders:0')).out[1]).toBe(
      'Error: The group id does not exist.',
    )
  })
})

describe('consumer-groups --validate-regex', () => {
  it.each([
    ['a.*', 'The regular expression `a.*` is valid.'],
    ['a.*(', 'The regular expression `a.*(` is invalid: missing closing ).'],
    ['a[', 'The regular expression `a[` is invalid: missing closing ].'],
    ['a)', 'The regular expression `a)` is invalid: regexp/syntax: internal error.'],
    ['a*+', 'The regular expression `a*+` is invalid: invalid nested repetition operator.'],
  ])('%s', async (regex, expected) => {
    expect((await run(`--validate-regex ${regex}`)).out).toEqual([expected])
  })
})
