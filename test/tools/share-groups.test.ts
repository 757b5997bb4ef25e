import { beforeEach, describe, expect, it } from 'vitest'
import type { ShareGroupDescription } from '../../src/client/share-group-types.ts'
import * as shareGroups from '../../src/tools/share-groups/command.ts'
import * as streamsGroups from '../../src/tools/streams-groups/command.ts'
import { isInternalName } from '../../src/tools/streams-groups/internal-topics.ts'
import { FakeAdmin, node, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const share = (command: string): Promise<Outcome> => runTool(shareGroups, admin, command)
const streams = (command: string): Promise<Outcome> => runTool(streamsGroups, admin, command)
const words = (lines: readonly string[]): string[][] => lines.filter(Boolean).map((line) => line.trim().split(/ +/))

const group = (more: Partial<ShareGroupDescription> = {}): ShareGroupDescription => ({
  groupId: 'g',
  state: 'Empty',
  coordinator: node(1),
  groupEpoch: 3,
  assignmentEpoch: 2,
  members: [],
  ...more,
})
const member = { memberId: 'm', clientId: 'c', host: '/h', memberEpoch: 3, assignment: [{ topic: 'a', partition: 1 }] }

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('a', topic('a', [{}, {}]))
  admin.logs.set('a-0', [2, 9])
  admin.logs.set('a-1', [0, 4])
  admin.shareGroups.set('g', group())
  admin.listGroups = () => Promise.resolve([{ groupId: 'g', type: 'share', protocolType: 'share', state: 'Empty' }])
})

describe('share-groups', () => {
  it('lists names, or states too', async () => {
    expect((await share('--list')).out).toEqual(['g'])
    expect((await share('--list --state')).out).toEqual([`${'GROUP'.padEnd(15)} STATE`, `${'g'.padEnd(15)} Empty`])
    expect((await share('--list --state odd')).err[0]).toBe(
      "Invalid state list 'odd'. Valid states are: Stable, Dead, Empty",
    )
  })

  it('describes offsets; a partition not initialised has dashes', async () => {
    admin.shareOffsets.set({ topic: 'a', partition: 1 }, null)
    admin.shareOffsets.set({ topic: 'a', partition: 0 }, { startOffset: 5, leaderEpoch: 1, lag: 4 })
    const { code, out, err } = await share('--describe --group g --verbose')
    expect([code, err, words(out)]).toEqual([
      0,
      [],
      [
        ['GROUP', 'TOPIC', 'PARTITION', 'LEADER-EPOCH', 'START-OFFSET', 'LAG'],
        ['g', 'a', '0', '1', '5', '4'],
        ['g', 'a', '1', '-', '-', '-'],
      ],
    ])
    admin.shareOffsets.clear()
    expect((await share('--describe --group g')).out).toEqual(['', "Share group 'g' has no offset information."])
  })

  it('describes state and members', async () => {
    const empty = await share('--describe --group g --state')
    expect([words(empty.out)[1], empty.err]).toEqual([
      ['g', 'localhost:9091', '(1)', 'Empty', '0'],
      ['', "Share group 'g' has no active members."],
    ])
    admin.shareGroups.set('g', group({ state: 'Stable', members: [member] }))
    expect(words((await share('--describe --group g --members --verbose')).out)).toEqual([
      ['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID', '#PARTITIONS', 'MEMBER-EPOCH', 'ASSIGNMENT'],
      ['g', 'm', '/h', 'c', '1', '3', 'a:1'],
    ])
  })

  it('moves the start of a group without members', async () => {
    const planned = await share('--reset-offsets --group g --topic a:0 --to-earliest --dry-run')
    expect([words(planned.out)[1], admin.changes]).toEqual([['g', 'a', '0', '2'], []])
    await share('--reset-offsets --group g --topic a --to-latest --execute')
    expect(admin.changes).toEqual([
      [
        'share offsets',
        'g',
        [
          ['a-0', 9],
          ['a-1', 4],
        ],
      ],
    ])
    admin.shareGroups.set('g', group({ state: 'Stable' }))
    expect(await share('--reset-offsets --group g --topic a --to-latest --execute')).toEqual({
      code: 1,
      out: [],
      err: ["Share group 'g' is not empty."],
    })
  })

  it('deletes only what is a share group and empty', async () => {
    expect((await share('--delete --group none')).out.slice(1)).toEqual([
      'Error: Deletion of some share groups failed:',
      "* Group 'none' could not be deleted due to: java.lang.IllegalArgumentException: Group 'none' is not a share group.",
    ])
    admin.deleteConsumerGroups = (ids) =>
      Promise.resolve(new Map(ids.map((id) => [id, { ok: true, value: undefined }])))
    expect((await share('--delete --all-groups')).out).toEqual([
      "Deletion of requested share groups ('g') was successful.",
    ])
  })

  it.each([
    [
      '--list --describe --all-groups',
      'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets.',
    ],
    ['--delete --group g --all-groups', 'Option [delete] takes either [group] or [all-groups], not both.'],
    [
      '--reset-offsets --group g --topic a --to-latest',
      'Option [reset-offsets] takes the option: [execute] or [dry-run]',
    ],
    [
      '--reset-offsets --group g --execute --to-latest',
      'Option [reset-offsets] takes one of these options: [all-topics], [topic]',
    ],
    ['--describe', 'Option [describe] takes one of these options: [all-groups], [group]'],
  ])('%s is refused', async (command, message) => {
    const { code, err } = await share(command)
    expect([code, err[0]]).toEqual([1, message])
  })
})

describe('streams-groups', () => {
  const tasks = { activeTasks: [{ subtopologyId: '0', partitions: [0, 1] }], standbyTasks: [], warmupTasks: [] }
  beforeEach(() => {
    admin.streamsGroups.set('s', {
      groupId: 's',
      state: 'Stable',
      coordinator: node(1),
      groupEpoch: 5,
      assignmentEpoch: 4,
      topologyEpoch: 1,
      subtopologies: [
        {
          subtopologyId: '0',
          sourceTopics: ['a'],
          repartitionSourceTopics: [],
          stateChangelogTopics: ['s-x-changelog', 'other'],
        },
      ],
      members: [
        {
          memberId: 'm',
          memberEpoch: 4,
          clientId: 'c',
          host: '/h',
          processId: 'p',
          isClassic: false,
          assignment: tasks,
          targetAssignment: tasks,
        },
      ],
    })
    admin.committed.set('s', new Map([['a-0', { offset: 5, leaderEpoch: null, metadata: '' }]]))
  })

  it('describes the lag, from the start of the log where nothing is committed', async () => {
    expect(words((await streams('--describe --group s')).out)).toEqual([
      ['GROUP', 'TOPIC', 'PARTITION', 'OFFSET-LAG'],
      ['s', 'a', '1', '4'],
      ['s', 'a', '0', '4'],
    ])
  })

  it('describes members with their tasks', async () => {
    const { out } = await streams('--describe --group s --members')
    expect(out[1]!.replace(/ +/g, ' ')).toBe('s m p c ACTIVE: 0:[0,1]; ')
    const verbose = await streams('--describe --group s --members --verbose')
    expect(verbose.out[0]).toContain('TOPOLOGY-EPOCH MEMBER ')
  })

  it('refuses to move offsets of a group in use', async () => {
    const { code, out } = await streams('--reset-offsets --group s --all-input-topics --to-earliest --execute')
    expect([code, out[1]]).toEqual([
      0,
      "Error: Assignments can only be reset if the group 's' is inactive, but the current state is Stable.",
    ])
    expect(admin.changes).toEqual([])
  })

  it('moves offsets of an empty one, and deletes its internal topics when asked', async () => {
    admin.streamsGroups.set('s', { ...admin.streamsGroups.get('s')!, state: 'Empty', members: [] })
    const { out } = await streams(
      '--reset-offsets --group s --all-input-topics --to-earliest --execute --delete-all-internal-topics',
    )
    expect(words(out).at(-1)).toEqual(['s', 'a', '0', '2'])
    expect(admin.changes).toEqual([
      ['offsets', 's', [['a-0', 2]]],
      ['delete', ['s-x-changelog']],
    ])
    expect(out[1]).toContain("The internal topic 'other' is not inferred as internal")
  })

  it('ends with 1 where share-groups ends with 0', async () => {
    expect(await streams('--describe --group none')).toMatchObject({
      code: 1,
      out: [
        '',
        'Error: Executing streams group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group none not found.',
      ],
    })
    expect((await share('--describe --group none')).code).toBe(0)
  })

  it('knows names of internal topics', () => {
    expect(['a-changelog', 'x-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000-topic', 'a'].map(isInternalName)).toEqual([
      true,
      true,
      false,
    ])
  })
})
