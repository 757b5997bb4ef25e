import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import * as versions from '../../src/tools/broker-api-versions/command.ts'
import * as metrics from '../../src/tools/client-metrics/command.ts'
import * as cluster from '../../src/tools/cluster/command.ts'
import * as tokens from '../../src/tools/delegation-tokens/command.ts'
import * as deleteRecords from '../../src/tools/delete-records/command.ts'
import * as features from '../../src/tools/features/command.ts'
import * as election from '../../src/tools/leader-election/command.ts'
import * as quorum from '../../src/tools/metadata-quorum/command.ts'
import type { Connect } from '../../src/tools/shared/connect.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { FakeAdmin } from './fake-admin.ts'
import { runTool } from './run-tool.ts'

let admin: FakeAdmin
let folder: string

beforeEach(() => {
  admin = new FakeAdmin()
  folder = mkdtempSync(join(tmpdir(), 'kt-tools-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Sub-command tools take the connection where the command says, so nothing is put in front. */
const runWords = async (tool: typeof cluster, command: string) => {
  const io = memoryIo()
  const connect: Connect = () => Promise.resolve(admin)
  const module = { spec: tool.spec, run: (args: readonly string[], given: Io) => tool.run(args, given, connect) }
  const code = await runCommand(module, command.split(' '), io)
  return { code, out: io.out.text, err: io.err.text }
}

const fileOf = (content: unknown): string => {
  const path = join(folder, 'file.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}

describe('cluster', () => {
  it('shows id and endpoints', async () => {
    expect((await runWords(cluster, 'cluster-id -b h:1')).out).toBe('Cluster ID: c\n')
    admin.fencedNodes = [{ id: 1, host: 'localhost', port: 9092, rack: null, isFenced: true }]
    expect((await runWords(cluster, 'list-endpoints -b h:1')).out.split('\n')[1]).toBe(
      '1          localhost 9092       null       fenced     broker         ',
    )
  })

  it('says what is wrong with a command line', async () => {
    expect((await runWords(cluster, 'fly')).err).toContain("kafka-cluster: error:  invalid  choice:  'fly'")
    expect((await runWords(cluster, 'unregister -b h:1 --id x')).err).toContain("could  not  convert 'x' to Integer")
    expect((await runWords(cluster, 'cluster-id --cnfig x -b h:1')).err).toContain('Did you mean:\n\t--config\n')
    expect((await runWords(cluster, 'unregister -b h:1 --id 9')).err).toBe(
      'org.apache.kafka.common.errors.BrokerIdNotRegisteredException: Broker ID 9 is not currently registered\n',
    )
  })
})

describe('features', () => {
  it('shows and changes them', async () => {
    admin.features = {
      supported: new Map([['metadata.version', { min: 7, max: 30 }]]),
      finalized: new Map([['metadata.version', 30]]),
      finalizedEpoch: 5n,
    }
    expect((await runWords(features, '--bootstrap-server h:1 describe')).out).toBe(
      `Feature: ${'metadata.version'.padEnd(40)}  SupportedMinVersion: 3.3-IV3          SupportedMaxVersion: 4.3-IV0          ` +
        'FinalizedVersionLevel: 4.3-IV0          Epoch: 5\n',
    )
    expect((await runWords(features, '--bootstrap-server h:1 downgrade --feature a=0 --dry-run')).out).toBe(
      'a can be downgraded to 0.\n',
    )
    admin.featureError = new KafkaError(ErrorCode.INVALID_UPDATE_VERSION, 'No.')
    const failed = await runWords(features, '--bootstrap-server h:1 disable --feature a')
    expect(failed).toEqual({ code: 1, out: 'Could not disable a. No.\n', err: '1 out of 1 operation(s) failed.\n' })
  })

  it('knows releases without a cluster', async () => {
    expect((await runWords(features, 'version-mapping --release-version 4.0-IV3')).out).toContain('share.version=0\n')
    expect((await runWords(features, 'version-mapping --release-version 4.0')).out).toContain('=25 (4.0)\n')
    expect((await runWords(features, 'feature-dependencies --feature a=1')).err).toBe('Unknown feature: a\n')
    expect((await runWords(features, 'upgrade --feature a=x --bootstrap-server h:1')).code).toBe(1)
    const nameless = await runWords(features, '--bootstrap-server h:1 upgrade --feature =1')
    expect(nameless).toEqual({ code: 1, out: '', err: 'Provided feature can not be empty.\n' })
  })
})

describe('metadata-quorum', () => {
  const replica = {
    replicaId: 1,
    directoryId: 'd',
    logEndOffset: 9,
    lastFetchTimestampMs: 5,
    lastCaughtUpTimestampMs: 5,
  }
  beforeEach(() => {
    admin.quorum = {
      leaderId: 1,
      leaderEpoch: 2,
      highWatermark: 9,
      voters: [replica, { ...replica, replicaId: 2, logEndOffset: 4, lastCaughtUpTimestampMs: 2 }],
      observers: [],
      endpoints: new Map([[1, [{ name: 'C', host: 'h', port: 1 }]]]),
    }
  })

  it('shows status and replication', async () => {
    const status = (await runWords(quorum, '--bootstrap-server h:1 describe --status')).out
    expect(status).toContain('MaxFollowerLag:         5\nMaxFollowerLagTimeMs:   3\n')
    expect(status).toContain('[{"id": 1, "directoryId": "d", "endpoints": ["C://h:1"]}, {"id": 2, "directoryId": "d"}]')
    const rows = (await runWords(quorum, '--bootstrap-server h:1 describe --replication')).out.split('\n')
    expect(rows[2]).toBe(
      '2     \td          \t4           \t5  \t5                 \t2                    \tFollower\t',
    )
  })

  it('removes controllers, and says so only on a dry run', async () => {
    const id = 'AAAAAAAAAAAAAAAAAAAAAQ'
    await runWords(quorum, `--bootstrap-server h:1 remove-controller -i 7 -d ${id} --dry-run`)
    expect(admin.asked).toEqual([])
    expect((await runWords(quorum, `--bootstrap-server h:1 remove-controller -i 7 -d ${id}`)).out).toBe(
      `Removed  KRaft controller 7 with directory id ${id}\n`,
    )
    expect(admin.asked).toEqual([['remove', 7, id]])
  })
})

describe('leader-election', () => {
  it('tells what was elected, what needed no election and what failed', async () => {
    admin.elections = new Map([
      ['t-0', { ok: true, value: undefined }],
      ['t-1', { ok: false, error: new KafkaError(ErrorCode.ELECTION_NOT_NEEDED) }],
      ['t-2', { ok: false, error: new KafkaError(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, 'none') }],
    ])
    const { code, out, err } = await runTool(election, admin, '--election-type Unclean --all-topic-partitions')
    expect(code).toBe(1)
    expect(out).toEqual([
      'Successfully completed leader election (UNCLEAN) for partitions t-0',
      'Valid replica already elected for partitions t-1',
      'Error completing leader election (UNCLEAN) for partition: t-2: org.apache.kafka.common.errors.EligibleLeadersNotAvailableException: none',
    ])
    expect(err).toEqual(['1 replica(s) could not be elected'])
  })

  it('refuses incomplete arguments', async () => {
    const fails = async (command: string) => (await runTool(election, admin, command)).err[0]
    expect(await fails('--topic t --election-type preferred')).toBe('Missing required option(s): partition')
    expect(await fails('--all-topic-partitions')).toBe('Missing required option(s): election-type')
    expect(await fails('--all-topic-partitions --election-type x')).toBe(
      "Cannot parse argument 'x' of option election-type",
    )
    const twice = { partitions: [0, 0].map((partition) => ({ topic: 't', partition })) }
    expect(await fails(`--election-type preferred --path-to-json-file ${fileOf(twice)}`)).toBe(
      'Replica election data contains duplicate partitions: [t-0]',
    )
  })
})

describe('delete-records', () => {
  it('deletes what the file says', async () => {
    const path = fileOf({ partitions: [{ topic: 't', partition: 0, offset: 3 }], version: 1 })
    expect((await runTool(deleteRecords, admin, `--offset-json-file ${path}`)).out).toEqual([
      'Executing records delete operation',
      'Records delete operation completed:',
      'partition: t-0\tlow_watermark: 3',
    ])
  })

  it('refuses other files', async () => {
    const fails = async (content: unknown) =>
      (await runTool(deleteRecords, admin, `--offset-json-file ${fileOf(content)}`)).err[0]
    expect(await fails({ version: 2 })).toBe('Not supported version field value 2')
    expect(await fails({})).toBe('Missing partitions field')
    const missing = await runTool(deleteRecords, admin, '--offset-json-file /nowhere')
    expect(missing.err).toEqual(['Unable to read file /nowhere'])
    expect(await fails({ partitions: [{ topic: 't', partition: 0 }] })).toBe('No such field exists: `offset`')
  })
})

describe('client-metrics, broker-api-versions, delegation-tokens', () => {
  it('changes metrics subscriptions', async () => {
    expect((await runTool(metrics, admin, '--alter --name m --metrics a,b --interval=')).out).toEqual([
      'Altered client metrics config for m.',
    ])
    expect((await runTool(metrics, admin, '--describe --name m')).out).toEqual([
      "The client metric resource m doesn't exist and doesn't have dynamic config.",
    ])
    expect((await runTool(metrics, admin, '--alter --name m --interval x')).err[0]).toBe(
      'Invalid interval value. Enter an integer, or leave empty to reset.',
    )
  })

  it('lists versions, with what is lacking', async () => {
    const { out } = await runTool(versions, admin, '--command-config /dev/null')
    expect(out.slice(0, 3)).toEqual([
      'h:1 (id: 1 rack: null isFenced: false) -> (',
      '\tProduce(0): 3 to 13 [usable: 13],',
      '\tFetch(1): UNSUPPORTED,',
    ])
  })

  it('shows tokens and passes errors on', async () => {
    const { out } = await runTool(tokens, admin, '--describe --command-config /dev/null')
    expect(out.slice(0, 2)).toEqual([
      'Calling describe token operation for current user.',
      'Total number of tokens : 1',
    ])
    expect(out[4]).toContain('id-1            c2VjcmV0                       User:alice')
    const failed = await runTool(
      tokens,
      admin,
      '--expire --hmac c2Vj --expiry-time-period -1 --command-config /dev/null',
    )
    expect(failed.err[0]).toBe(
      'org.apache.kafka.common.errors.DelegationTokenNotFoundException: Delegation Token is not found on server.',
    )
  })
})
