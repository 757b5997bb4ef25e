import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { MetadataImage } from '../../../src/broker/controller/metadata-image.ts'
import { MetadataLog } from '../../../src/broker/controller/metadata-log.ts'
import { createStorageContext } from '../../../src/storage/storage-context.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kt-metadata-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function open(): Promise<{ log: MetadataLog; image: MetadataImage }> {
  const clock = new ManualClock()
  const image = new MetadataImage()
  const context = createStorageContext({ clock })
  const log = await MetadataLog.open({
    context,
    dir,
    nodeId: 1,
    clock,
    apply: (record, offset) => image.apply(record, offset),
  })
  await log.becomeLeader()
  return { log, image }
}

const feature = (name: string, featureLevel: number) => ({
  type: 'FeatureLevelRecord' as const,
  data: { name, featureLevel },
})

describe('MetadataLog', () => {
  it('replays what was written, in a new epoch each time', async () => {
    const first = await open()
    await first.log.append([feature('a', 1), feature('b', 2)])
    expect(first.image.features).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    )
    await first.log.close()
    const second = await open()
    expect(second.image.features).toEqual(first.image.features)
    expect(second.log.epoch).toBe(first.log.epoch + 1)
    await second.log.append([feature('a', 0)])
    await second.log.close()
    const third = await open()
    expect([...third.image.features]).toEqual([['b', 2]])
    expect(third.log.epoch).toBe(3)
    await third.log.close()
  })

  it('lets what must be ready happen before the change is seen', async () => {
    const { log, image } = await open()
    let seenBefore: number | undefined
    await log.append([feature('a', 1)], async () => {
      seenBefore = image.features.size
    })
    expect(seenBefore).toBe(0)
    expect(image.features.size).toBe(1)
    await log.close()
  })

  it('cuts off a batch that was not written whole, and goes on', async () => {
    const first = await open()
    await first.log.append([feature('a', 1)])
    await first.log.close()
    const path = join(dir, '__cluster_metadata-0')
    const segment = (await readdir(path)).find((name) => name.endsWith('.log'))!
    await appendFile(join(path, segment), Buffer.from('00000000000000ff000000aa', 'hex'))
    const second = await open()
    expect([...second.image.features]).toEqual([['a', 1]])
    await second.log.append([feature('b', 1)])
    expect(second.image.features.size).toBe(2)
    await second.log.close()
  })

  it('takes the epoch from the log when quorum-state is gone or garbled', async () => {
    const first = await open()
    await first.log.close()
    await writeFile(join(dir, '__cluster_metadata-0/quorum-state'), '{nonsense')
    const second = await open()
    expect(second.log.epoch).toBe(2)
    await second.log.close()
  })
})

describe('a damaged metadata log', () => {
  it('is not started on when good records follow the damage', async () => {
    const first = await open()
    for (const name of ['first', 'second', 'third']) await first.log.append([feature(name, 1)])
    await first.log.close()
    const path = join(dir, '__cluster_metadata-0')
    const segment = join(path, (await readdir(path)).find((name) => name.endsWith('.log'))!)
    const content = await readFile(segment)
    content[content.indexOf('first')]! ^= 1
    await writeFile(segment, content)
    await expect(open()).rejects.toThrow(/is damaged at byte \d+, and there are good records after it/)
  })
})
