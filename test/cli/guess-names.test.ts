import { describe, expect, it } from 'vitest'
import type { CommandModule } from '../../src/cli/command-module.ts'
import { type FindNames, missingThings, runGuessing } from '../../src/cli/guess-names.ts'
import { println } from '../../src/cli/io.ts'
import { spec as configs } from '../../src/tools/configs/options.ts'
import { spec as groups } from '../../src/tools/consumer-groups/options.ts'
import { spec as lag } from '../../src/tools/lag/options.ts'
import { spec as topics } from '../../src/tools/topics/options.ts'
import { memoryIo } from './memory-io.ts'

const cluster: FindNames = (kind) =>
  Promise.resolve(
    kind.startsWith('topic') ? ['orders', 'prices'] : kind.startsWith('config') ? ['retention.ms'] : ['billing'],
  )

/** Standard error of a command that prints a text. */
const guess = async (
  spec: CommandModule['spec'],
  words: string,
  { out = '', err = '', code = 1, find = cluster }: { out?: string; err?: string; code?: number; find?: FindNames },
): Promise<string> => {
  const io = { ...memoryIo(), stderrIsTTY: true }
  const run: CommandModule['run'] = (_args, given) => {
    if (out !== '') println(given.out, out)
    if (err !== '') println(given.err, err)
    return Promise.resolve(code)
  }
  expect(await runGuessing({ spec, run }, words.split(' '), io, find)).toBe(code)
  expect(io.out.text).toBe(out === '' ? '' : `${out}\n`)
  return io.err.text
}

const noTopic = "Error while executing topic command : Topic 'ordrs' does not exist as expected"

describe('a name that is not there', () => {
  it('is guessed after the words of Kafka', async () => {
    expect(await guess(topics, '--describe --topic ordrs', { out: noTopic })).toBe('Did you mean orders?\n')
    expect(await guess(topics, '--describe --topic=prics,ordrs', { out: noTopic })).toBe(
      'Did you mean prices?\nDid you mean orders?\n',
    )
    const notFound = 'GroupIdNotFoundException: Group biling not found.'
    expect(await guess(groups, '--describe --group biling', { out: notFound, code: 0 })).toBe('Did you mean billing?\n')
    expect(await guess(lag, 'biling', { err: 'There is no group biling, or it may not be seen.' })).toMatch(
      /seen\.\nDid you mean billing\?\n$/,
    )
    const unknown = 'Unknown topic config name: retentn.ms'
    const alter = '--alter --topic orders --add-config segment.ms=5,retentn.ms=5'
    expect(await guess(configs, alter, { err: unknown })).toBe(`${unknown}\nDid you mean retention.ms?\n`)
  })

  it('is left alone when nothing is like it, when it exists, or is a pattern', async () => {
    for (const topic of ['zzz', 'orders', 'ordrs.*', 'o|p'])
      expect(await guess(topics, `--describe --topic ${topic}`, { out: noTopic })).toBe('')
  })

  it('is guessed once, and only where something is missing', async () => {
    const twice = `${noTopic}\n${noTopic}`
    expect(await guess(topics, '--describe --topic ordrs', { out: twice })).toBe('Did you mean orders?\n')
    expect(await guess(topics, '--create --topic ordrs', { out: "Topic 'ordrs' already exists." })).toBe('')
    expect(await guess(topics, '--list', { out: 'ordrs', code: 0 })).toBe('')
  })

  it('is no guess when the cluster fails or is silent', async () => {
    const fails: FindNames = () => Promise.reject(new Error('no'))
    expect(await guess(topics, '--describe --topic ordrs', { out: noTopic, find: fails })).toBe('')
    const silent: FindNames = () => new Promise(() => {})
    expect(await guess(topics, '--describe --topic ordrs', { out: noTopic, find: silent })).toBe('')
  })

  it('is not guessed in a document for programs', async () => {
    const io = { ...memoryIo(), stderrIsTTY: true }
    const run: CommandModule['run'] = () => Promise.reject(new Error('ordrs: UNKNOWN_TOPIC_OR_PARTITION'))
    const args = ['--describe', '--topic', 'ordrs', '--output', 'json']
    expect(await runGuessing({ spec: topics, run }, args, io, cluster)).toBe(1)
    expect(io.err.text).toContain('ordrs')
    expect(io.err.text).not.toContain('Did you mean')
  })

  it('may be a word that an option does not take', async () => {
    expect(await guess(topics, '--list --output jsn', {})).toBe('Did you mean --output json?\n')
    expect(await guess(groups, '--list --state stable,Emty', {})).toBe('Did you mean --state Empty?\n')
    expect(await guess(topics, '--list --output jsn', { code: 0 })).toBe('')
    expect(await guess(topics, '--list --output xxxxxxx', {})).toBe('')
  })
})

describe('messages', () => {
  it.each([
    ['WARN Error while fetching metadata: {ordrs=UNKNOWN_TOPIC_OR_PARTITION}', ['topic']],
    ['Error occurred: Could not match any topic-partitions with the specified filters', ['topic']],
    ['There is no topic ordrs, so there is nothing to read.', ['topic']],
    ["Error: Consumer group 'g' does not exist.", ['group']],
    ['Unknown group config name: x', ['config']],
    ['Unexpected config names: Set(x)', ['config']],
    ['feature metadata.versio. Local controller 1 does not support this feature.', ['feature']],
    ['orders', []],
    ['Topic: orders\tTopicId: x', []],
  ])('%s', (message, missing) => {
    expect(missingThings(message)).toEqual(missing)
  })
})
