import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomUuid } from '../../src/base/random-uuid.ts'
import {
  FormatError,
  type FormatOptions,
  formatLogDirs,
  parseInitialVoters,
} from '../../src/broker/controller/format.ts'
import { bootstrapCheckpoint, votersSnapshot } from '../../src/broker/controller/format-files.ts'
import { decodeMetadataRecord } from '../../src/broker/controller/metadata-record.ts'
import {
  defaultFeatureLevels,
  metadataVersionLevel,
  metadataVersionName,
} from '../../src/broker/controller/metadata-versions.ts'
import { BrokerConfig } from '../../src/config/broker-config.ts'
import { nodeFileSystem } from '../../src/storage/file-system.ts'
import { readMetaProperties } from '../../src/storage/meta-properties.ts'

const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'
const SNAPSHOT = '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint'

/** bootstrap.checkpoint as Apache Kafka 4.3.0 wrote it; its three batches were made at these times. */
const KAFKA_BOOTSTRAP_HEADER =
  '000000000000000000000047000000000264321678002000000000000001a2031df786000001a2031df786ffffffffffffffffffffffffffff000000012a000000080000000316000000000000000000000000'
const KAFKA_BOOTSTRAP_FEATURES =
  '0000000000000001000000f100000000020dcb75f8000000000005000001a2031df7b5000001a2031df7b5ffffffffffffffffffffffffffff000000063a000000012e010c00116d657461646174612e76657273696f6e001e00005a000002014e010c0021656c696769626c652e6c65616465722e7265706c696361732e76657273696f6e00010000340000040128010c000e67726f75702e76657273696f6e00010000340000060128010c000e73686172652e76657273696f6e0001000038000008012c010c001073747265616d732e76657273696f6e000100004000000a0134010c00147472616e73616374696f6e2e76657273696f6e00020000'
/** Its first metadata snapshot with one voter, both batches. */
const KAFKA_VOTERS =
  '00000000000000000000009a0000000002ac27d272002000000002000001a2031df7eb000001a2031df7ebffffffffffffffffffffffffffff000000032a00000008000000031600000000'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kt-format-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const config = (overrides: Record<string, string> = {}): BrokerConfig =>
  BrokerConfig.fromProperties(
    new Map(
      Object.entries({
        'process.roles': 'broker,controller',
        'node.id': '7',
        'controller.quorum.bootstrap.servers': 'localhost:21099',
        listeners: 'PLAINTEXT://localhost:21098,CONTROLLER://localhost:21099',
        'controller.listener.names': 'CONTROLLER',
        'log.dirs': join(root, 'data'),
        ...overrides,
      }),
    ),
  )

const options = (more: Partial<FormatOptions> = {}): FormatOptions => ({
  config: config(),
  clusterId: CLUSTER,
  quorum: { kind: 'standalone' },
  nowMs: 1_795_348_625_286,
  ...more,
})

describe('format', () => {
  it("writes Kafka's bytes for bootstrap.checkpoint", () => {
    const levels: [string, number][] = [
      ['metadata.version', 30],
      ['eligible.leader.replicas.version', 1],
      ['group.version', 1],
      ['share.version', 1],
      ['streams.version', 1],
      ['transaction.version', 2],
    ]
    const early = bootstrapCheckpoint(levels, 0x1a2031df786).toString('hex')
    expect(early.slice(0, KAFKA_BOOTSTRAP_HEADER.length)).toBe(KAFKA_BOOTSTRAP_HEADER)
    const late = bootstrapCheckpoint(levels, 0x1a2031df7b5).toString('hex')
    expect(late).toContain(KAFKA_BOOTSTRAP_FEATURES)
  })

  it("writes Kafka's layout for the first snapshot", () => {
    const endpoints = [{ name: 'CONTROLLER', host: 'localhost', port: 29093 }]
    const bytes = votersSnapshot([{ id: 1, directoryId: 'BkzZwl9KTlS-1EaIE0sYNg', endpoints }], 1, 0x1a2031df7eb)
    expect(bytes.length).toBe(241)
    const hex = bytes.toString('hex')
    // All but the CRC, since Kafka took the time of the header some milliseconds earlier.
    expect(hex.slice(0, 34)).toBe(KAFKA_VOTERS.slice(0, 34))
    expect(hex.slice(42, 138)).toBe(KAFKA_VOTERS.slice(42, 138))
    expect(hex).toContain('064cd9c25f4a4e54bed44688134b1836020b434f4e54524f4c4c45520a6c6f63616c686f737471a500')
  })

  it('formats every log directory, the metadata directory with the voters', () => {
    const dirs = [join(root, 'a'), join(root, 'b')]
    const result = formatLogDirs(options({ config: config({ 'log.dirs': dirs.join(',') }) }))
    expect(result.formatted.map(({ kind }) => kind)).toEqual(['dynamic metadata voter directory', 'data directory'])
    const ids = dirs.map((dir) => readMetaProperties(nodeFileSystem, dir))
    expect(ids.map((meta) => meta?.clusterId)).toEqual([CLUSTER, CLUSTER])
    expect(ids[0]?.directoryId).not.toBe(ids[1]?.directoryId)
    const snapshot = readFileSync(join(dirs[0]!, SNAPSHOT))
    expect(snapshot.includes(Buffer.from(ids[0]!.directoryId, 'base64url'))).toBe(true)
    expect(readdirSync(dirs[1]!).sort()).toEqual(['bootstrap.checkpoint', 'meta.properties'])
  })

  it('gives this node the directory id that --initial-controllers names', () => {
    const voters = parseInitialVoters('7@localhost:21099:MvDxzVmcRsaTz33bUuRU6A,8@[::1]:21199:07R5amHmR32VDA6jHkGbTA')
    expect(voters[1]).toEqual({ id: 8, host: '::1', port: 21199, directoryId: '07R5amHmR32VDA6jHkGbTA' })
    formatLogDirs(options({ quorum: { kind: 'initial', voters } }))
    expect(readMetaProperties(nodeFileSystem, join(root, 'data'))?.directoryId).toBe('MvDxzVmcRsaTz33bUuRU6A')
  })

  it('writes no snapshot with static voters, and leaves levels of 0 out', () => {
    const withVoters = config({ 'controller.quorum.voters': '7@localhost:21099' })
    const result = formatLogDirs(
      options({ config: withVoters, quorum: { kind: 'static' }, features: new Map([['share.version', 0]]) }),
    )
    expect(result.bootstrapLevels.map(([name]) => name)).not.toContain('share.version')
    expect(readdirSync(join(root, 'data')).sort()).toEqual(['bootstrap.checkpoint', 'meta.properties'])
  })

  it('refuses a formatted directory and writes nothing anywhere', () => {
    formatLogDirs(options())
    const both = config({ 'log.dirs': `${join(root, 'data')},${join(root, 'other')}` })
    expect(() => formatLogDirs(options({ config: both }))).toThrow(
      `Log directory ${join(root, 'data')} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`,
    )
    expect(readdirSync(root)).toEqual(['data'])
    expect(formatLogDirs(options({ config: both, ignoreFormatted: true })).formatted).toHaveLength(1)
  })

  it('refuses the directory of another cluster', () => {
    formatLogDirs(options())
    expect(() => formatLogDirs(options({ clusterId: 'x' }))).toThrow(/^Invalid cluster.id in: .* but read/)
    expect(() => formatLogDirs(options({ scram: ['SCRAM-SHA-256=[name=a]'] }))).toThrow(/to add-scram$/)
    expect(() => formatLogDirs(options({ clusterId: 'BBBBBBBBBBBBBBBBBBBBBw', ignoreFormatted: true }))).toThrow(
      `Invalid cluster.id in: ${join(root, 'data')}/meta.properties. Expected BBBBBBBBBBBBBBBBBBBBBw, but read ${CLUSTER}`,
    )
  })

  it.each([
    [
      { features: new Map([['foo', 0]]) },
      'Unsupported feature: foo. Supported features are: eligible.leader.replicas.version,',
    ],
    [{ features: new Map([['transaction.version', 9]]) }, 'No feature:transaction.version with feature level 9'],
    [
      { features: new Map([['kraft.version', 0]]) },
      'Cannot set kraft.version to 0 if controller.quorum.voters is empty',
    ],
    [{ features: new Map([['metadata.version', 20]]), metadataVersion: 25 }, 'Use --release-version instead of'],
    [
      { features: new Map([['eligible.leader.replicas.version', 1]]), metadataVersion: 21 },
      'eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23',
    ],
  ] as [Partial<FormatOptions>, string][])('refuses levels that do not fit: %j', (more, message) => {
    expect(() => formatLogDirs(options(more))).toThrow(message)
    expect(readdirSync(root)).toEqual([])
  })

  it('names the directory that can not be made', () => {
    writeFileSync(join(root, 'data'), '')
    expect(() => formatLogDirs(options())).toThrow(FormatError)
  })

  it('leaves an interrupted format unformatted: meta.properties comes last', () => {
    mkdirSync(join(root, 'data', 'meta.properties.tmp'), { recursive: true })
    expect(() => formatLogDirs(options())).toThrow(/Error while writing meta.properties file/)
    expect(readMetaProperties(nodeFileSystem, join(root, 'data'))).toBeUndefined()
  })

  it.each([
    'foo',
    '@localhost:1:MvDxzVmcRsaTz33bUuRU6A',
    'a@h:1:MvDxzVmcRsaTz33bUuRU6A',
    '1@',
    '1@[h:1:x',
    '1@h',
    '1@h:1',
    '1@h:x:y',
    '1@h:1:short',
    '1@h:70000:MvDxzVmcRsaTz33bUuRU6A',
  ])('refuses the voter %s', (text) => expect(() => parseInitialVoters(text)).toThrow(FormatError))

  it('knows the releases', () => {
    expect(metadataVersionLevel('3.5')).toBe(11)
    expect(metadataVersionLevel('4.0-IV1')).toBe(23)
    expect(() => metadataVersionLevel('4.4')).toThrow("Unknown metadata.version '4.4'")
    for (let level = 7; level <= 31; level++) expect(metadataVersionLevel(metadataVersionName(level))).toBe(level)
    expect(Object.fromEntries(defaultFeatureLevels(25))).toEqual({
      'kraft.version': 1,
      'transaction.version': 2,
      'group.version': 1,
      'eligible.leader.replicas.version': 0,
      'share.version': 0,
      'streams.version': 0,
    })
  })

  it('makes uuids of 22 characters that never look like an option', () => {
    const uuids = Array.from({ length: 500 }, randomUuid)
    expect(new Set(uuids).size).toBe(500)
    expect(uuids.every((uuid) => /^[A-Za-z0-9_][\w-]{21}$/.test(uuid))).toBe(true)
  })

  it('stays readable by the metadata decoder', () => {
    // The second batch of bootstrap.checkpoint: records follow the 61-byte header; the first value starts 6 bytes in.
    const bytes = bootstrapCheckpoint([['metadata.version', 30]], 1)
    const value = bytes.subarray(83 + 61 + 6, 83 + 61 + 6 + 23)
    expect(decodeMetadataRecord(value)).toMatchObject({
      type: 'FeatureLevelRecord',
      data: { name: 'metadata.version', featureLevel: 30 },
    })
  })
})
