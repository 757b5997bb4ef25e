import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cacheDirectory } from '../../../src/base/cache-directory.ts'
import { loadSpecs } from '../../../src/cli/commands.ts'
import { FRESH_MS, type Known, NameCache, USABLE_MS } from '../../../src/tools/names/cache.ts'
import { candidates, type Names } from '../../../src/tools/names/candidates.ts'
import { readCommandLine, shellWords } from '../../../src/tools/names/command-line.ts'
import { kindOfOption, type NameKind } from '../../../src/tools/names/kinds.ts'
import { liveNames } from '../../../src/tools/names/live-names.ts'
import { chooseTarget } from '../../../src/tools/names/target.ts'
import { memoryIo } from '../../cli/memory-io.ts'

const known: Record<string, Known[]> = {
  topics: [
    { name: 'orders', detail: '3' },
    { name: 'prices', detail: '1' },
    { name: '__consumer_offsets', detail: '50' },
  ],
  groups: [
    { name: 'billing', detail: 'classic' },
    { name: 'buyers', detail: 'share' },
  ],
  brokers: [{ name: '1', detail: '' }],
}

const names: Names = (source) => Promise.resolve(known[source] ?? [])

/** What the last word of a line may become. */
const complete = (kind: NameKind, words: string, option = ''): Promise<string[]> => {
  const all = words.split(' ')
  return candidates(kind, all.at(-1)!, readCommandLine(all.slice(0, -1)), names, option)
}

describe('candidates', () => {
  it.each<[NameKind, string, string[]]>([
    ['topic', 'console-consumer --topic ', ['orders', 'prices']],
    ['topic', 'console-consumer --topic p', ['prices']],
    ['topic', 'console-consumer --topic _', ['__consumer_offsets']],
    ['topics', 'topics --topic orders,', ['orders,prices']],
    ['topic-partitions', 'delete-records --topic or', ['orders']],
    ['topic-partitions', 'delete-records --topic orders:', ['orders:0', 'orders:1', 'orders:2']],
    ['topic-partitions', 'consumer-groups --topic orders:0,', ['orders:0,1', 'orders:0,2']],
    ['partition', 'console-consumer --topic orders --partition ', ['0', '1', '2']],
    ['group', 'lag b', ['billing', 'buyers']],
    ['group', 'consumer-groups --group b', ['billing']],
    ['share-group', 'share-groups --group b', ['buyers']],
    ['entity', 'configs --entity-type topics --entity-name p', ['prices']],
    ['entity', 'configs --entity-type brokers --entity-name ', ['1']],
    ['entity', 'configs --entity-name ', []],
    ['config', 'topics --create --config retention.b', ['retention.bytes=']],
    ['configs', 'configs --broker 1 --add-config log.cleaner.th', ['log.cleaner.threads=']],
    ['configs', 'configs --topic t --add-config cleanup.policy=', ['cleanup.policy=compact', 'cleanup.policy=delete']],
    ['configs', 'configs --topic t --add-config a=b,preall', ['a=b,preallocate=']],
    ['configs', 'configs --entity-type users --add-config SCRAM-SHA-2', ['SCRAM-SHA-256=']],
    ['configs', 'configs --add-config retention.b', []],
  ])('%s in %s', async (kind, words, expected) => {
    expect((await complete(kind, words)).toSorted()).toEqual(expected)
  })

  it('has no equals sign where configs are taken away', async () => {
    const words = 'configs --topic t --delete-config retention.ms,retention.'
    expect(await complete('configs', words, 'delete-config')).toEqual(['retention.ms,retention.bytes'])
  })
})

describe('kinds', () => {
  it('are those of options that commands have', async () => {
    const found = new Set<string>()
    for (const { name, options } of await loadSpecs()) {
      for (const option of options) {
        const kind = kindOfOption(name, option.name)
        if (kind !== undefined && option.argument !== undefined) found.add(`${name} ${option.name} ${kind}`)
      }
    }
    for (const text of [
      'topics topic topics',
      'console-consumer group group',
      'configs add-config configs',
      'client-metrics name client-metrics',
      'cluster id broker',
      'transactions broker-id broker',
    ])
      expect([...found]).toContain(text)
    expect([...found].filter((text) => text.startsWith('replica-verification broker-list'))).toEqual([])
  })
})

describe('a line', () => {
  it.each<[string, string[]]>([
    ['kt topics --topic ', ['kt', 'topics', '--topic', '']],
    ['kt topics  --topic or', ['kt', 'topics', '--topic', 'or']],
    [`kt x 'a b'"c \\"d"\\ e`, ['kt', 'x', 'a bc "d e']],
    ['kt --command-config "$HOME/a b', ['kt', '--command-config', '/h/a b']],
    ["kt '$HOME' $".concat('{HOME}/c $(rm) $NONE'), ['kt', '$HOME', '/h/c', '$(rm)', '$NONE']],
  ])('%s', (line, expected) => {
    expect(shellWords(line, { HOME: '/h' })).toEqual(expected)
  })

  it('gives the cluster of the command', async () => {
    const target = (words: string, env = {}) => chooseTarget(readCommandLine(words.split(' ')), memoryIo([], env))
    const named = await target('topics --bootstrap-server h:1 --command-config a.properties', {
      KT_BOOTSTRAP_SERVER: 'i:2',
    })
    expect(named).toMatchObject({ servers: 'h:1', configFile: join(process.cwd(), 'a.properties') })
    expect((await target('topics --bootstrap-server=h:1'))?.id).not.toBe(named?.id)
    expect(await target('topics --list', { KT_BOOTSTRAP_SERVER: 'i:2' })).toMatchObject({ servers: 'i:2' })
    expect(await target('topics --list')).toBeUndefined()
    expect(await target('configs --bootstrap-controller h:1', { KT_BOOTSTRAP_SERVER: 'i:2' })).toBeUndefined()
  })
})

describe('the cache', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kt-names-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const age = (path: string, ms: number): void => {
    const time = new Date(Date.now() - ms)
    utimesSync(path, time, time)
  }

  it('keeps names, and forgets them', () => {
    const folder = join(dir, 'kt')
    const cache = new NameCache(folder, 'id', 'topics')
    expect(cache.read()).toBeUndefined()
    expect([cache.claim(), cache.claim()]).toEqual([true, false])
    cache.write([...known.topics!, { name: 'a\nb', detail: '' }])
    expect(cache.read()).toEqual({ names: known.topics, fresh: true })
    const path = join(folder, 'names-id-topics')
    expect(readdirSync(folder)).toEqual(['names-id-topics'])
    expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600])
    age(path, FRESH_MS)
    expect(cache.read()).toEqual({ names: known.topics, fresh: false })
    age(path, USABLE_MS + 1)
    expect(cache.read()).toBeUndefined()
    new NameCache(folder, 'id', 'groups').write([])
    expect(readdirSync(folder)).toEqual(['names-id-groups'])
  })

  it('reads nothing that is not its own, and is bounded', () => {
    const cache = new NameCache(dir, 'id', 'topics')
    writeFileSync(join(dir, 'names-id-topics'), 'orders\n')
    expect(cache.read()).toBeUndefined()
    cache.write(Array.from({ length: 30_000 }, (_, i) => ({ name: `t${i}`, detail: '' })))
    expect(cache.read()?.names).toHaveLength(20_000)
    for (let i = 0; i < 250; i++) writeFileSync(join(dir, `names-${i}-groups`), '')
    cache.write([])
    expect(readdirSync(dir)).toHaveLength(200)
    expect(readFileSync(join(dir, 'names-id-topics'), 'utf8')).toBe('kt-names 1')
  })

  it('is where the environment says', () => {
    expect(cacheDirectory({ KT_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/h')).toBe('/c')
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x' }, 'linux', '/h')).toBe('/x/kt')
    expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' }, 'linux', '/h')).toBe('/h/.cache/kt')
    expect(cacheDirectory({}, 'darwin', '/h')).toBe('/h/Library/Caches/kt')
  })

  it('answers with old names while new ones are asked for', async () => {
    const io = memoryIo([], { KT_BOOTSTRAP_SERVER: 'h:1', KT_CACHE_DIR: dir })
    const line = readCommandLine(['topics'])
    const asked: string[] = []
    const ask = liveNames(line, io, ({ id, servers }, source) => {
      asked.push(servers)
      const cache = new NameCache(dir, id, source)
      if (asked.length === 3) cache.fail()
      else cache.write([{ name: `t${asked.length}`, detail: '' }])
    })
    const file = `names-${(await chooseTarget(line, io))!.id}-topics`
    const found = async () => (await ask('topics')).map(({ name }) => name)
    expect(await found()).toEqual(['t1'])
    expect([await found(), asked.length]).toEqual([['t1'], 1])
    age(join(dir, file), FRESH_MS)
    expect([await found(), await found(), asked.length]).toEqual([['t1'], ['t2'], 2])
    age(join(dir, file), USABLE_MS + 1)
    expect([await found(), await found(), asked.length]).toEqual([[], [], 3])
  })
})
