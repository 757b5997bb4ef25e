import { beforeEach, describe, expect, it } from 'vitest'
import type { ProducerState } from '../../src/client/transaction-types.ts'
import * as transactions from '../../src/tools/transactions/command.ts'
import { FakeAdmin, topic } from './fake-admin.ts'
import { type Outcome, runTool } from './run-tool.ts'

let admin: FakeAdmin
const run = (command: string): Promise<Outcome> => runTool(transactions, admin, command)
const cells = (line: string): string[] => line.split('\t').map((cell) => cell.trim())

const producer = (more: Partial<ProducerState> = {}): ProducerState => ({
  producerId: 7n,
  producerEpoch: 2,
  lastSequence: 4,
  lastTimestamp: 1000,
  coordinatorEpoch: null,
  currentTransactionStartOffset: null,
  ...more,
})

beforeEach(() => {
  admin = new FakeAdmin()
  admin.topics.set('a', topic('a', [{}, {}]))
  admin.transactions.set('t', {
    coordinatorId: 1,
    state: 'Ongoing',
    producerId: 7n,
    producerEpoch: 2,
    transactionTimeoutMs: 60_000,
    startTimeMs: null,
    partitions: [{ topic: 'a', partition: 0 }],
  })
})

describe('transactions', () => {
  it('lists them in columns with tabs, filters and all', async () => {
    const { code, out } = await run('list --duration-filter 100 --transactional-id-pattern x.*')
    expect([code, ...out.map(cells)]).toEqual([
      0,
      ['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState', ''],
      ['t', '1', '7', 'Ongoing', ''],
    ])
    expect(out[1]).toBe(`t              \t1          \t7         \tOngoing         \t`)
    expect(admin.changes).toEqual([['filters', { durationMs: 100n, pattern: 'x.*' }]])
  })

  it('describes one', async () => {
    expect(cells((await run('describe --transactional-id t')).out[1]!)).toEqual([
      '1',
      't',
      '7',
      '2',
      'Ongoing',
      '60000',
      'None',
      'None',
      'a-0',
      '',
    ])
    expect(await run('describe --transactional-id none')).toEqual({
      code: 1,
      out: [],
      err: [
        'Failed to describe transaction state of transactional-id `none`: DescribeTransactions request for transactionalId `none` failed because the ID could not be found. Enable debug logging for additional detail.',
      ],
    })
  })

  it('describes producers', async () => {
    admin.producers.set('a-1', [producer(), producer({ coordinatorEpoch: 3, currentTransactionStartOffset: 9 })])
    const { out } = await run('describe-producers --topic a --partition 1')
    expect(out.slice(1).map(cells)).toEqual([
      ['7', '2', '-1', '4', '1000', 'None', ''],
      ['7', '2', '3', '4', '1000', '9', ''],
    ])
  })

  it('aborts by start offset or by producer', async () => {
    admin.producers.set('a-0', [producer({ currentTransactionStartOffset: 9 })])
    const partition = { topic: 'a', partition: 0 }
    expect(await run('abort --topic a --partition 0 --start-offset 9')).toEqual({ code: 0, out: [], err: [] })
    await run('abort --topic a --partition 0 --producer-id 8 --producer-epoch 1 --coordinator-epoch -1')
    expect(admin.changes).toEqual([
      ['abort', { partition, producerId: 7n, producerEpoch: 2, coordinatorEpoch: 0 }],
      ['abort', { partition, producerId: 8n, producerEpoch: 1, coordinatorEpoch: 0 }],
    ])
  })

  it.each([
    ['abort --topic a --partition 0', /^The transaction to abort must be identified either with --start-offset/],
    [
      'abort --topic a --partition 0 --start-offset 5',
      /^Could not find any open transactions starting at offset 5 on partition a-0$/,
    ],
    ['abort --topic a --partition 0 --producer-id 5', /^Missing required argument --producer-epoch$/],
    ['find-hanging', /^The `find-hanging` command requires either --topic or --broker-id/],
    ['find-hanging --broker-id 1 --partition 1', /^The --partition argument requires --topic to be provided$/],
  ])('%s fails', async (command, message) => {
    const { code, out, err } = await run(command)
    expect([code, out, err.length]).toEqual([1, [], 1])
    expect(err[0]).toMatch(message)
  })

  it('takes for hanging what is open too long and unknown to its coordinator', async () => {
    admin.producers.set('a-0', [producer({ currentTransactionStartOffset: 1 })])
    admin.producers.set('a-1', [producer({ currentTransactionStartOffset: 2 })])
    const { out } = await run('find-hanging --topic a')
    expect(out.slice(1).map((line) => cells(line).slice(0, 3))).toEqual([['a', '1', '7']])
    admin.producers.set('a-1', [producer({ currentTransactionStartOffset: 2, lastTimestamp: Date.now() })])
    expect((await run('find-hanging --broker-id 1')).out).toHaveLength(1)
  })

  it('fences a transactional id, and knows other formats', async () => {
    await run('forceTerminateTransaction --transactionalId t')
    expect(admin.changes).toEqual([['fence', 't']])
    const { out } = await run('list --output json')
    expect(JSON.parse(out.join(''))).toEqual([
      { transactionalId: 't', coordinator: 1, producerId: 7, state: 'Ongoing' },
    ])
  })
})
