import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sandbox } from './kt.ts'

let box: Sandbox
const file = (name: string, text: string): string => {
  const path = join(box.dir, name)
  writeFileSync(path, text)
  return path
}
const produce = (topic: string, reader: string, input: string, ...args: string[]) =>
  box.start(['console-producer', '--topic', topic, '--line-reader', reader, ...args], {}, input).ended
const consume = (topic: string, count: number, ...args: string[]) =>
  box.run(['console-consumer', '--topic', topic, '--from-beginning', '--max-messages', String(count), ...args])

beforeAll(async () => {
  box = new Sandbox()
  expect((await box.run(['broker', 'start', '--port', '0'])).code).toBe(0)
})
afterAll(() => box.close())

describe("a user's own modules", () => {
  it('read lines and print records, also when kt comes out of its code cache', async () => {
    const reader = file(
      'reader.mjs',
      `export default (line) => {
        const [key, value] = line.split(';')
        return key.startsWith('#') ? null : { key, value, headers: [{ key: 'from', value: 'csv' }], timestamp: 5 }
      }`,
    )
    const printer = file(
      'printer.cjs',
      `let count = 0
      module.exports = {
        configure({ mark }) { this.mark = mark },
        format({ topic, offset, timestamp, key, value, headers }) {
          count++
          return [this.mark, topic, offset, timestamp, key, value, headers[0].key, headers[0].value].join(' ') + '\\n'
        },
        close: () => count + ' in all\\n',
      }`,
    )
    for (const args of [[], ['--sync']]) {
      expect((await produce('csv', reader, '#no\nk1;a\nk2;b\n', ...args)).code).toBe(0)
    }
    for (let run = 1; run <= 2; run++) {
      const { code, stdout } = await consume('csv', 4, '--formatter', printer, '--formatter-property', 'mark=>')
      expect(code).toBe(0)
      const line = (offset: number, rest: string): string => `> csv ${offset} 5 ${rest} from csv\n`
      expect(stdout).toBe(`${line(0, 'k1 a')}${line(1, 'k2 b')}${line(2, 'k1 a')}${line(3, 'k2 b')}4 in all\n`)
    }
    const upper = file('upper.mjs', 'export default (bytes) => bytes.toString().toUpperCase()')
    const { stdout } = await consume('csv', 1, '--formatter-property', 'print.key=true', '--key-deserializer', upper)
    expect(stdout).toBe('K1\ta\n')
  })

  it('may hold lines back until the end, and give several records at once', async () => {
    const reader = file(
      'paragraphs.mjs',
      `let lines = []
      export default {
        read(line) { if (line !== '') { lines.push(line); return null } const all = lines; lines = []; return [all.join('+'), Buffer.from('-')] },
        close: () => lines.join('+'),
      }`,
    )
    for (const args of [[], ['--sync']]) expect((await produce('par', reader, 'a\nb\n\nc\n', ...args)).code).toBe(0)
    expect((await consume('par', 6)).stdout).toBe('a+b\n-\nc\na+b\n-\nc\n')
  })

  it('are refused with the reason and what to do', async () => {
    const broken = file('broken.mjs', 'this is no JavaScript')
    const empty = file('empty.mjs', 'export const x = 1')
    const late = file('late.mjs', 'export default async () => "x"')
    const odd = file('odd.mjs', 'export default () => ({ vlaue: 1 })')
    await produce('bad', file('plain.mjs', 'export default (line) => line'), 'x\n')
    const told = async (ended: Promise<{ code: number | null; stderr: string }>): Promise<string> => {
      const { code, stderr } = await ended
      expect(code).toBe(1)
      return stderr
    }
    expect(await told(consume('bad', 1, '--formatter', './missing.mjs'))).toContain('There is no file ./missing.mjs.')
    expect(await told(consume('bad', 1, '--formatter', broken))).toContain("broken.mjs can't be loaded: ")
    expect(await told(consume('bad', 1, '--formatter', empty))).toContain('empty.mjs has no default export.')
    expect(await told(consume('bad', 1, '--formatter', late))).toContain('late.mjs gave a promise; it has to give text')
    expect(await told(produce('bad', odd, 'x\n'))).toContain('line 1 gave a record with vlaue; a record has key, value')
  })
})
