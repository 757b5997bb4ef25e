import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../src/cli/run-command.ts'
import { Budget, HopFailure, takeHop } from '../../src/client/diagnosis/hop.ts'
import { operationNames } from '../../src/client/diagnosis/rights.ts'
import * as doctor from '../../src/tools/doctor/command.ts'
import { redactor } from '../../src/tools/doctor/redact.ts'
import { hopLines } from '../../src/tools/doctor/text.ts'
import { memoryIo } from '../cli/memory-io.ts'

const dir = mkdtempSync(join(tmpdir(), 'kt-doctor-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const kt = async (args: readonly string[], env: Record<string, string> = {}) => {
  const io = memoryIo([], env)
  const code = await runCommand(doctor, args, io)
  return { code, out: io.out.text, err: io.err.text }
}

describe('a hop', () => {
  const clock = (): { now: () => number; pass: (ms: number) => void } => {
    let ms = 0
    return { now: () => ms, pass: (more) => (ms += more) }
  }

  it('says what it found and how long it took', async () => {
    const { now, pass } = clock()
    const taken = await takeHop('dns', 'h', new Budget(1000, now), async () => {
      pass(12)
      return { detail: '10.0.0.1', value: 1 }
    })
    expect(taken).toMatchObject({ value: 1, hop: { status: 'ok', tookMs: 12, detail: '10.0.0.1' } })
  })

  it('that fails says why and what to do', async () => {
    const fault = new HopFailure('nothing there', 'it is off', 'Turn it on.')
    const { hop, value } = await takeHop('tcp', 'h:1', new Budget(1000), () => Promise.reject(fault))
    expect(value).toBeUndefined()
    expect(hopLines(hop, false).map((line) => line.replace(/\(.* ms\)/, '(t)'))).toEqual([
      'failed   TCP         h:1: nothing there (t)',
      '         Likely: it is off',
      '         Next:   Turn it on.',
    ])
  })

  it('is skipped when the time is over', async () => {
    const { now, pass } = clock()
    const budget = new Budget(10, now)
    pass(11)
    const { hop } = await takeHop('tcp', 'h:1', budget, () => Promise.reject(new Error('not to be asked')))
    expect(hop).toMatchObject({ status: 'skipped', detail: 'no time left (--timeout-ms)' })
  })

  it('that never ends is given up', async () => {
    const { hop } = await takeHop('rights', 'h:1', new Budget(20), () => new Promise<never>(() => {}))
    expect(hop).toMatchObject({ status: 'failed' })
    expect(hop.detail).toMatch(/no end after \d+ ms/)
  })
})

describe('kt doctor', () => {
  it('never prints secrets, whoever says them', () => {
    const redact = redactor(
      new Map([
        ['sasl.jaas.config', 'x.PlainLoginModule required username="alice" password="geheim-1";'],
        ['ssl.key.password', 'geheim-2'],
        ['sasl.mechanism', 'PLAIN'],
      ]),
    )
    expect(redact('alice with PLAIN: geheim-1, geheim-2')).toBe('alice with PLAIN: ***, ***')
    const same = redactor(
      new Map([['sasl.jaas.config', 'x.PlainLoginModule required username="admin" password="admin";']]),
    )
    expect(same('the broker refuses User:admin')).toBe('the broker refuses User:admin')
  })

  it('reads rights from a bit field', () => {
    expect(operationNames((1 << 8) | (1 << 10))).toEqual(['DESCRIBE', 'DESCRIBE_CONFIGS'])
  })

  it('fails at the settings when a file is wrong, without walking on', async () => {
    const file = join(dir, 'client.properties')
    const secret = 'password="geheim-3"'
    writeFileSync(
      file,
      `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=NONE\nsasl.jaas.config=x required ${secret};\n`,
    )
    const { code, out } = await kt(['--bootstrap-server', 'localhost:1', '--command-config', file, '--output', 'json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject([{ hop: 'settings', status: 'failed', target: file }])
    expect(out).not.toContain('geheim-3')
  })

  it('fails at the settings when the file or the address is none', async () => {
    const noFile = await kt(['--bootstrap-server', 'localhost:1', '--command-config', join(dir, 'none')])
    expect(noFile).toMatchObject({ code: 1, err: '' })
    expect(noFile.out).toContain('The first hop that fails: Settings')
    const noPort = await kt(['--bootstrap-server', 'localhost'])
    expect(noPort.out).toContain('Invalid url in bootstrap.servers: localhost')
  })

  it('walks nowhere without a server when the embedded broker is off', async () => {
    const { code, out } = await kt([])
    expect(code).toBe(1)
    expect(out).toContain('KT_EMBEDDED=off')
  })

  it('does not start an embedded broker', async () => {
    const { code, out } = await kt([], { KT_EMBEDDED: 'on', KT_DATA_DIR: join(dir, 'data') })
    expect(code).toBe(0)
    expect(out).toContain('none runs; the first command that needs one starts it')
    expect(out).toMatch(/All is well\.\n$/)
  })

  it('wants its arguments right', async () => {
    expect(await kt(['localhost:9092'])).toMatchObject({ code: 1, err: expect.stringContaining('Unexpected argument') })
    expect(await kt(['--timeout-ms', 'soon'])).toMatchObject({ code: 1, err: expect.stringContaining('soon') })
    expect((await kt(['--help'])).out).toContain('Usage: kt doctor')
  })
})
