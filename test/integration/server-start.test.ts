import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sandbox } from './kt.ts'

const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'

let box: Sandbox
beforeEach(() => {
  box = new Sandbox()
})
afterEach(() => box.close())

const properties = (more: Record<string, string> = {}): string => {
  const path = join(box.dir, 'server.properties')
  const texts = {
    'process.roles': 'broker,controller',
    'node.id': '7',
    'controller.quorum.bootstrap.servers': 'localhost:9093',
    listeners: 'PLAINTEXT://localhost:0,CONTROLLER://localhost:0',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(box.dir, 'logs'),
    ...more,
  }
  writeFileSync(
    path,
    Object.entries(texts)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return path
}

const format = (file: string) => box.run(['storage', 'format', '--standalone', '-t', CLUSTER, '-c', file])

describe('server-start', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('runs a formatted directory until %s', async (signal, code) => {
    const file = properties()
    expect((await format(file)).code).toBe(0)
    const server = box.start(['server-start', file, '--override', 'num.partitions=2'])
    await server.until('[KafkaRaftServer nodeId=7] Kafka Server started')
    server.child.kill(signal)
    const outcome = await server.ended
    expect(outcome).toMatchObject({ code, stderr: '' })
    expect(outcome.stdout).toContain('broker stopped')
    expect(readdirSync(join(box.dir, 'logs'))).toContain('.kafka_cleanshutdown')
  })

  it('is found and stopped by server-stop, by role and id', async () => {
    expect(await box.run(['server-stop'])).toEqual({ code: 1, stdout: 'No kafka server to stop\n', stderr: '' })
    const file = properties()
    await format(file)
    const server = box.start(['server-start', file])
    await server.until('Kafka Server started')
    expect((await box.run(['server-stop', '--node-id', '8'])).code).toBe(1)
    expect(await box.run(['server-stop', '--node-id', '7', '--process-role', 'broker'])).toMatchObject({
      code: 0,
      stdout: '',
    })
    expect((await server.ended).code).toBe(143)
    expect((await box.run(['server-stop'])).code).toBe(1)
  })

  it('refuses a directory that is in use, naming the process', async () => {
    const file = properties()
    await format(file)
    const server = box.start(['server-start', file])
    await server.until('Kafka Server started')
    const second = await box.run(['server-start', file])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`is in use by process ${server.child.pid}`)
    server.child.kill('SIGTERM')
    await server.ended
  })

  it('refuses a directory that is not formatted, and says how to format it', async () => {
    const refused = await box.run(['server-start', properties()])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('No readable meta.properties files found.')
    expect(refused.stderr).toContain('kt storage format')
  })

  it('runs in the background with --daemon', async () => {
    const file = properties()
    await format(file)
    const started = await box.run(['server-start', '--daemon', file])
    expect(started).toMatchObject({ code: 0, stdout: '' })
    expect(started.stderr).toMatch(/^Started broker 7 on localhost:\d+ /)
    expect((await box.run(['broker', 'stop', '--data-dir', join(box.dir, 'logs')])).code).toBe(0)
  })

  it.each([
    ['a number that is none', { 'num.partitions': 'many' }, 'Invalid value many for configuration num.partitions'],
    ['no node id', { 'node.id': '' }, 'for configuration broker.id: Not a number'],
    ['a role that is none', { 'process.roles': 'broker,cook' }, 'process.roles'],
    ['a broken listener', { listeners: 'PLAINTEXT:/localhost' }, 'PLAINTEXT:/localhost'],
    ['a listener it can not serve', { listeners: 'SASL_SSL://localhost:0,CONTROLLER://localhost:0' }, 'SASL_SSL'],
    ['a malformed escape', { 'log.dirs': '\\uZZZZ' }, 'Malformed \\uxxxx encoding.'],
  ])('refuses a file with %s', async (_name, more, text) => {
    const refused = await box.run(['server-start', properties(more as Record<string, string>)])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(text)
    expect(refused.stderr).not.toMatch(/^ {4}at /m)
  })

  it('names a file that is not there', async () => {
    const refused = await box.run(['server-start', join(box.dir, 'none.properties')])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(
      `${join(box.dir, 'none.properties')}\nThe configuration file can't be read: it does not exist.`,
    )
  })

  it('answers usage questions', async () => {
    expect(await box.run(['server-start', '--version'])).toEqual({ code: 0, stdout: '4.3.0\n', stderr: '' })
    expect(await box.run(['server-start'])).toMatchObject({ code: 1, stdout: '' })
    const extra = await box.run(['server-start', properties(), 'extra'])
    expect(extra.code).toBe(1)
    expect(extra.stderr).toContain('Found non argument parameters: extra')
  })
})
