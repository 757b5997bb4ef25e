import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Background, Sandbox } from './kt.ts'

let box: Sandbox
beforeEach(async () => {
  box = new Sandbox()
  expect((await box.run(['broker', 'start', '--port', '0'])).code).toBe(0)
})
afterEach(() => box.close())

const produce = async (topic: string, lines: readonly string[], ...more: string[]): Promise<void> => {
  const outcome = await box.run(['console-producer', '--topic', topic, ...more], {}, `${lines.join('\n')}\n`)
  expect(outcome).toMatchObject({ code: 0, stderr: '' })
}

/** Rows of `consumer-groups --describe` without the heading, as columns. */
async function describeGroup(group: string, ...more: string[]): Promise<string[][]> {
  const { stdout } = await box.run(['consumer-groups', '--describe', '--group', group, ...more])
  const rows = stdout.split('\n').filter((line) => line.startsWith(group))
  return rows.map((line) => line.trim().split(/\s+/))
}

/** Asks again until the group is as wanted; each question is a process of its own, so this is no busy loop. */
async function untilGroup(group: string, isSo: (rows: string[][]) => boolean, ...more: string[]): Promise<string[][]> {
  for (;;) {
    const rows = await describeGroup(group, ...more)
    if (isSo(rows)) return rows
  }
}

const keyed = (prefix: string): string[] => Array.from({ length: 40 }, (_, i) => `key${i}\t${prefix}${i};`)
const asKeyed = ['--reader-property', 'parse.key=true'] as const

describe('a consumer group on the console', () => {
  it.each([
    ['more partitions than consumers', 4, 2, [2, 2]],
    ['as many partitions as consumers', 2, 2, [1, 1]],
    ['fewer partitions than consumers', 2, 3, [0, 1, 1]],
  ])('shares %s, and goes on when a member leaves', async (_what, partitions, consumers, shares) => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', String(partitions)])
    const members: Background[] = Array.from({ length: consumers }, () =>
      box.start(['console-consumer', '--topic', 't', '--group', 'g', '--from-beginning']),
    )
    const counts = (rows: string[][]): number[] => rows.map((row) => Number(row.at(-1))).sort((a, b) => a - b)
    await untilGroup('g', (rows) => JSON.stringify(counts(rows)) === JSON.stringify(shares), '--members')

    await produce('t', keyed('before'), ...asKeyed)
    const seenBy = (values: string[]): Promise<unknown> =>
      Promise.all(values.map((value) => Promise.any(members.map((member) => member.until(value)))))
    await seenBy(keyed('before').map((line) => line.split('\t')[1]!))

    const first = members.shift()!
    first.child.kill('SIGINT')
    const left = await first.ended
    expect(left.code).toBe(130)
    expect(left.stderr).toMatch(/Processed a total of \d+ messages/)
    await produce('t', keyed('after'), ...asKeyed)
    await seenBy(keyed('after').map((line) => line.split('\t')[1]!))

    for (const member of members) member.child.kill('SIGINT')
    const outcomes = [left, ...(await Promise.all(members.map((member) => member.ended)))]
    const all = outcomes.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== ''))
    expect(all.sort()).toEqual([...keyed('before'), ...keyed('after')].map((line) => line.split('\t')[1]!).sort())
  })

  it('leaves a lag that grows while it is away, and none once it is back', async () => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    await produce('t', ['1', '2', '3'])
    const read = await box.run([
      'console-consumer',
      '--topic',
      't',
      '--group',
      'g',
      '--from-beginning',
      '--max-messages',
      '3',
    ])
    expect(read).toMatchObject({ code: 0, stdout: '1\n2\n3\n', stderr: 'Processed a total of 3 messages\n' })
    const lag = async (): Promise<string | undefined> => (await describeGroup('g'))[0]?.[5]
    expect(await lag()).toBe('0')
    await produce('t', ['4', '5'])
    expect(await lag()).toBe('2')
    await produce('t', ['6'])
    expect(await lag()).toBe('3')
    await box.run(['console-consumer', '--topic', 't', '--group', 'g', '--max-messages', '3'])
    expect(await lag()).toBe('0')
  })
})

describe('the console tools', () => {
  it('keep every byte of every line, the last one without line break too', async () => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    const text = 'plain\n\n  spaces \t\nçedilla ☃ 日本\nno line break'
    expect((await box.run(['console-producer', '--topic', 't'], {}, text)).code).toBe(0)
    const read = await box.run(['console-consumer', '--topic', 't', '--from-beginning', '--max-messages', '5'])
    expect(read.stdout).toBe(`${text}\n`)
  })

  it('end when nobody reads on, as behind a pipe to head', async () => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    await produce(
      't',
      Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'x'.repeat(100)}`),
    )
    const consumer = box.start(['console-consumer', '--topic', 't', '--from-beginning'])
    await consumer.until('line 10 ')
    consumer.child.stdout!.destroy()
    const { stderr } = await consumer.ended
    expect(stderr).toContain('Unable to write to standard out, closing consumer.')
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m)
  })

  it.each(['json', 'yaml', 'table'])('list as %s', async (format) => {
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    const listed = await box.run(['topics', '--list', '--output', format])
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    expect(listed.stdout).toMatch(/\bt\b/)
  })

  it('lose no line while the broker is away', async () => {
    const { bootstrap } = await box.status()
    await box.run(['topics', '--create', '--topic', 't', '--partitions', '1'])
    const producer = box.startTyping(['console-producer', '--topic', 't', '--bootstrap-server', bootstrap])
    producer.type('before\n')
    const reader = box.start([
      'console-consumer',
      '--topic',
      't',
      '--from-beginning',
      '--max-messages',
      '3',
      '--bootstrap-server',
      bootstrap,
    ])
    await reader.until('before')
    expect((await box.run(['broker', 'stop'])).code).toBe(0)
    producer.type('meanwhile\n')
    expect((await box.run(['broker', 'start', '--port', bootstrap.split(':')[1]!])).code).toBe(0)
    producer.type('after\n')
    producer.child.stdin!.end()
    expect((await producer.ended).code).toBe(0)
    expect((await reader.ended).stdout).toBe('before\nmeanwhile\nafter\n')
  })

  it('say what is wrong with an address nobody listens at', async () => {
    const config = join(box.dir, 'impatient.properties')
    writeFileSync(config, 'default.api.timeout.ms=1500\nrequest.timeout.ms=1000\n')
    const outcome = await box.run(['topics', '--list', '--bootstrap-server', 'localhost:1', '--command-config', config])
    expect(outcome.code).toBe(1)
    expect(outcome.stdout + outcome.stderr).toMatch(/localhost:1/)
    expect(outcome.stderr).not.toMatch(/^\s+at /m)
  })
})
