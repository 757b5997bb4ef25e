import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeMetadataRecord } from '../../src/broker/controller/metadata-record.ts'
import { takeLock } from '../../src/broker/lock-file.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { TransactionLogKey, TransactionLogValue } from '../../src/protocol/generated/data/transaction-log.ts'
import { buildBatch } from '../../src/protocol/records/batch-builder.ts'
import { stampPlace } from '../../src/protocol/records/batch-stamp.ts'
import { Writer } from '../../src/protocol/writer.ts'
import * as dumpLog from '../../src/tools/dump-log/command.ts'
import * as shell from '../../src/tools/metadata-shell/command.ts'
import { memoryIo } from '../cli/memory-io.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kt-log-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = async (tool: typeof dumpLog, args: readonly string[]) => {
  const io = memoryIo()
  const code = await runCommand(tool, args, io)
  return { code, out: io.out.text.split('\n'), err: io.err.text }
}

const batch = (baseOffset: number, values: (Buffer | string)[]): Buffer => {
  const bytes = buildBatch(
    values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1000 })),
    {},
  )
  stampPlace(bytes, 0, baseOffset, 4)
  return bytes
}

const keyedBatch = (key: Buffer, value: Buffer): Buffer => buildBatch([{ key, value, timestamp: 1000 }], {})

const logOf = (...batches: Buffer[]): string => {
  const path = join(folder, '00000000000000000000.log')
  writeFileSync(path, Buffer.concat(batches))
  return path
}

it('dumps batches, records and what is wrong with them', async () => {
  const path = logOf(batch(0, ['a', 'b']), batch(5, ['c']), Buffer.from('torn'))
  const { code, out, err } = await run(dumpLog, ['--print-data-log', '--files', path])
  expect(code).toBe(0)
  expect(out.slice(0, 2)).toEqual([`Dumping ${path}`, 'Log starting offset: 0'])
  expect(out[2]).toMatch(/^baseOffset: 0 lastOffset: 1 count: 2 .* partitionLeaderEpoch: 4 .* isvalid: true$/)
  expect(out[4]).toBe('| offset: 1 CreateTime: 1000 keySize: -1 valueSize: 1 sequence: -1 headerKeys: [] payload: b')
  expect(out[7]).toBe('Found 4 invalid bytes at the end of 00000000000000000000.log')
  expect(err).toBe(`Non-consecutive offsets in ${path}\n  1 is followed by 5\n`)
})

it('compares an index with its log', async () => {
  const log = logOf(batch(0, ['a', 'b']), batch(2, ['c']))
  const index = log.replace('.log', '.index')
  const entry = Buffer.alloc(8)
  entry.writeInt32BE(7, 0)
  writeFileSync(index, entry)
  const { out, err } = await run(dumpLog, ['--files', index])
  expect(out[1]).toBe('offset: 7 position: 0')
  expect(err).toBe(`Mismatches in :${index}\n  Index offset: 7, log offset: 1\n`)
  entry.writeInt32BE(9999, 4)
  writeFileSync(index, entry)
  expect((await run(dumpLog, ['--files', index])).err).toContain(
    `Slice from position 9999 exceeds end position of FileRecords(size=${statSync(log).size}, file=${log}, start=0, end=2147483647)`,
  )
  writeFileSync(index, Buffer.alloc(9))
  expect((await run(dumpLog, ['--index-sanity-check', '--files', index])).err).toContain(
    'is corrupt, found 9 bytes which is neither positive nor a multiple of 8',
  )
})

it('takes an index that Kafka has only made room for as no problem, for programs', async () => {
  const index = logOf(batch(0, ['a', 'b'])).replace('.log', '.index')
  writeFileSync(index, Buffer.alloc(64))
  // Kafka's own words stay as they are.
  expect((await run(dumpLog, ['--files', index])).err).toContain('Index offset: 0, log offset: 1')
  const { code, out, err } = await run(dumpLog, ['--files', index, '--output', 'json'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.join('')).not.toContain('problem')
  writeFileSync(index, Buffer.from([0, 0, 0, 7, 0, 0, 0, 0]))
  expect((await run(dumpLog, ['--files', index, '--output', 'json'])).code).toBe(1)
})

it('shows tagged fields of a coordinator, and what is no record of it', async () => {
  const transaction = { producerId: 7n, previousProducerId: 7n, clientTransactionVersion: 2 }
  const record = new Writer(64)
  record.int16(1)
  TransactionLogValue.write(record, transaction, 1)
  const key = new Writer(64)
  key.int16(0)
  TransactionLogKey.write(key, { transactionalId: 'tx' }, 0)
  const dump = async (bytes: Buffer): Promise<string | undefined> =>
    (await run(dumpLog, ['--transaction-log-decoder', '--skip-record-metadata', '--files', logOf(bytes)])).out[3]
  expect(await dump(keyedBatch(key.toBuffer(), record.toBuffer()))).toContain(
    '{"producerId":7,"previousProducerId":7,"producerEpoch":0',
  )
  expect(await dump(keyedBatch(Buffer.from('k'), Buffer.from('v')))).toBe(
    "| key: Error at offset 0, skipping. Could not read version from key's buffer.",
  )
})

it('says what is wrong with a producer snapshot', async () => {
  const path = join(folder, '00000000000000000000.snapshot')
  const errorOf = async (bytes: Buffer): Promise<string> => {
    writeFileSync(path, bytes)
    return (await run(dumpLog, ['--files', path])).err.trim()
  }
  expect(await errorOf(Buffer.from('xx'))).toBe(
    'Snapshot failed schema validation: Snapshot contained an unknown file version 30840',
  )
  expect(await errorOf(Buffer.from('0001000000050000', 'hex'))).toBe('Snapshot failed schema validation: null')
  expect(await errorOf(Buffer.from('00010000000500000000', 'hex'))).toBe(
    'Snapshot is corrupt (CRC is no longer valid). Stored crc: 5. Computed crc: 1214729159',
  )
})

it('names frames it does not know', async () => {
  for (const decoder of ['--cluster-metadata-decoder', '--remote-log-metadata-decoder']) {
    const { out } = await run(dumpLog, [decoder, '--skip-record-metadata', '--files', logOf(batch(0, ['value']))])
    expect(out[3]).toContain('due to unknown frame version 118(only frame version 1 is supported)')
  }
})

it('leaves the metadata of a running node alone', async () => {
  const partition = join(folder, '__cluster_metadata-0')
  mkdirSync(partition)
  const lock = takeLock(folder)
  const { code, err } = await run(shell, ['--snapshot', join(partition, '00000000000000000000.log'), 'ls'])
  lock.release()
  expect([code, err]).toEqual([
    1,
    `Unexpected error: Unable to lock ${folder}. Please ensure that no broker or controller process is using this directory before proceeding.\n`,
  ])
})

it('reads remote log metadata', async () => {
  const deleted = '01020004746f700000000000000000000000000000000500000003000000000500000000000001900000'
  const path = logOf(batch(0, [Buffer.from(deleted, 'hex')]))
  const { out } = await run(dumpLog, ['--remote-log-metadata-decoder', '--skip-record-metadata', '--files', path])
  expect(out[3]).toBe(
    '| payload: RemotePartitionDeleteMetadata{topicPartition=AAAAAAAAAAAAAAAAAAAABQ:top-3, ' +
      'state=DELETE_PARTITION_MARKED, eventTimestampMs=400, brokerId=5}',
  )
})

it('shows the metadata log as records and as a tree', async () => {
  const topicId = 'AAAAAAAAAAAAAAAAAAAABQ'
  const path = logOf(
    batch(0, [
      encodeMetadataRecord({ type: 'TopicRecord', data: { name: 'orders', topicId } }),
      encodeMetadataRecord({
        type: 'PartitionRecord',
        data: { partitionId: 0, topicId, replicas: [1], isr: [1], leader: 1, leaderEpoch: 0, directories: [topicId] },
      }),
      encodeMetadataRecord({ type: 'PartitionChangeRecord', data: { partitionId: 0, topicId, leader: -1 } }),
    ]),
  )
  const { out } = await run(dumpLog, ['--cluster-metadata-decoder', '--skip-record-metadata', '--files', path])
  expect(out[3]).toBe(`| payload: {"type":"TOPIC_RECORD","version":0,"data":{"name":"orders","topicId":"${topicId}"}}`)
  const look = async (...words: string[]) => (await run(shell, ['--snapshot', path, ...words])).out
  expect(await look('ls', '/image/topics/byName/*')).toEqual(['0', 'id', 'name', ''])
  expect((await look('cat', '/image/topics/byName/orders/0'))[0]).toContain(
    'leader=-1, leaderRecoveryState=RECOVERED, leaderEpoch=1',
  )
  expect(await look('cat', '/image/nope')).toEqual(['cat: /image/nope: No such file or directory.', ''])
  expect((await look('pwd'))[0]).toBe("invalid choice: 'pwd' (choose from 'cat', 'find', 'ls', 'tree')")
})
