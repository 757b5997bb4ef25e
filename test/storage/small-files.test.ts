import * as fs from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '../../src/storage/errors.ts'
import { deleteDirName, offsetOfFileName, partitionOfDirName, segmentFileName } from '../../src/storage/file-names.ts'
import { nodeFileSystem } from '../../src/storage/file-system.ts'
import { LeaderEpochCache } from '../../src/storage/leader-epoch-cache.ts'
import { silentLogger } from '../../src/storage/logger.ts'
import { readMetaProperties, writeMetaProperties } from '../../src/storage/meta-properties.ts'
import { readOffsetCheckpoint, writeOffsetCheckpoint } from '../../src/storage/offset-checkpoint.ts'
import { readPartitionMetadata } from '../../src/storage/partition-metadata-file.ts'
import { temporaryDirectory } from './helpers.ts'

describe('names', () => {
  it('of files', () => {
    expect(segmentFileName(42, '.log')).toBe('00000000000000000042.log')
    expect(offsetOfFileName('00000000000000000042.index.swap')).toBe(42)
    expect(offsetOfFileName('leader-epoch-checkpoint')).toBeUndefined()
  })

  it('of directories', () => {
    expect(partitionOfDirName('my-topic-7')).toEqual({ topic: 'my-topic', partition: 7, isDelete: false })
    const deleted = deleteDirName({ topic: 'a-1.b', partition: 3 })
    expect(partitionOfDirName(deleted)).toEqual({ topic: 'a-1.b', partition: 3, isDelete: true })
    expect(deleteDirName({ topic: 'x'.repeat(249), partition: 12 })).toHaveLength(255)
    for (const other of ['topic', 'topic-', '-1', 'lost+found', 't-0.abc-future']) {
      expect(partitionOfDirName(other)).toBeUndefined()
    }
  })
})

it('offset checkpoints come back as written', () => {
  const directory = temporaryDirectory()
  const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/)
  const entries = fc.array(fc.tuple(topic, fc.nat(1000), fc.maxSafeNat()))
  fc.assert(
    fc.property(entries, (all) => {
      const offsets = new Map(all.map(([name, partition, offset]) => [`${name}-${partition}`, offset]))
      writeOffsetCheckpoint(nodeFileSystem, directory, 'checkpoint', offsets)
      expect(readOffsetCheckpoint(nodeFileSystem, directory, 'checkpoint', silentLogger)).toEqual(offsets)
    }),
    { numRuns: 20 },
  )
})

describe('meta.properties', () => {
  it('is written as Java does', () => {
    const directory = temporaryDirectory()
    const meta = { clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', nodeId: 1, directoryId: 'ewOtxTfGSoGO3NtFwE-cqw' }
    writeMetaProperties(nodeFileSystem, directory, meta, Date.UTC(2026, 10, 22, 11, 48, 48))
    expect(fs.readFileSync(`${directory}/meta.properties`, 'utf8')).toBe(
      '#\n#Sun Nov 22 11:48:48 UTC 2026\nnode.id=1\ndirectory.id=ewOtxTfGSoGO3NtFwE-cqw\nversion=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\n',
    )
    expect(readMetaProperties(nodeFileSystem, directory)).toEqual(meta)
  })

  it('of another version is refused', () => {
    const directory = temporaryDirectory()
    expect(readMetaProperties(nodeFileSystem, directory)).toBeUndefined()
    fs.writeFileSync(`${directory}/meta.properties`, 'version=0\nbroker.id=1\ncluster.id=x\n')
    expect(() => readMetaProperties(nodeFileSystem, directory)).toThrow(StorageError)
  })
})

it('partition.metadata that is malformed is refused, one that is empty counts as missing', () => {
  const directory = temporaryDirectory()
  expect(readPartitionMetadata(nodeFileSystem, directory)).toBeUndefined()
  fs.writeFileSync(`${directory}/partition.metadata`, '')
  expect(readPartitionMetadata(nodeFileSystem, directory)).toBeUndefined()
  fs.writeFileSync(`${directory}/partition.metadata`, 'version: 1\n')
  expect(() => readPartitionMetadata(nodeFileSystem, directory)).toThrow(StorageError)
})

describe('leader epochs', () => {
  const cacheOf = (...entries: [number, number][]): LeaderEpochCache => {
    const cache = new LeaderEpochCache(nodeFileSystem, temporaryDirectory())
    for (const [epoch, startOffset] of entries) cache.assign(epoch, startOffset)
    return cache
  }
  const pairs = (cache: LeaderEpochCache): number[][] => cache.entries.map((entry) => [entry.epoch, entry.startOffset])

  it('drop what contradicts a new one', () => {
    expect(pairs(cacheOf([1, 0], [2, 10], [2, 15], [3, 20]))).toEqual([
      [1, 0],
      [2, 10],
      [3, 20],
    ])
    expect(pairs(cacheOf([1, 0], [3, 10], [4, 10]))).toEqual([
      [1, 0],
      [4, 10],
    ])
  })

  it('answer where an epoch ended', () => {
    const cache = cacheOf([2, 0], [5, 10], [7, 30])
    expect(cache.endOffsetFor(7, 42)).toEqual({ epoch: 7, endOffset: 42 })
    expect(cache.endOffsetFor(5, 42)).toEqual({ epoch: 5, endOffset: 30 })
    expect(cache.endOffsetFor(6, 42)).toEqual({ epoch: 5, endOffset: 30 })
    expect(cache.endOffsetFor(1, 42)).toEqual({ epoch: 1, endOffset: 0 })
    expect(cache.endOffsetFor(8, 42)).toEqual({ epoch: -1, endOffset: -1 })
    expect([cache.epochForOffset(9), cache.epochForOffset(10)]).toEqual([2, 5])
  })

  it('are cut at both ends', () => {
    const cache = cacheOf([2, 0], [5, 10], [7, 30])
    cache.truncateFromEnd(30)
    cache.truncateFromStart(12)
    expect(pairs(cache)).toEqual([[5, 12]])
  })
})
