import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sandbox } from './kt.ts'

let box: Sandbox
let bootstrap: string
beforeEach(async () => {
  box = new Sandbox()
  bootstrap = await box.startBroker()
})
afterEach(() => box.close())

const add = async (name: string, ...more: string[]): Promise<void> => {
  expect(await box.run(['profile', 'add', name, '--bootstrap-server', bootstrap, ...more])).toMatchObject({ code: 0 })
}
const topics = async (): Promise<string[]> =>
  (await box.run(['topics', '--list', '--exclude-internal'])).stdout.split('\n').filter(Boolean)
/** With this, only a profile can lead to the broker. */
const strict = { KT_EMBEDDED: 'off', KT_BOOTSTRAP_SERVER: '' }

describe('profiles', () => {
  it('lead every kind of command to their cluster', async () => {
    await add('dev', '--property', 'client.id=someone')
    await box.run(['profile', 'use', 'dev'])
    expect((await box.run(['topics', '--create', '--topic', 't'], strict)).stdout).toBe('Created topic t.\n')
    expect((await box.run(['console-producer', '--topic', 't'], strict, 'one\ntwo\n')).code).toBe(0)
    const read = ['--topic', 't', '--from-beginning', '--max-messages', '2']
    expect((await box.run(['console-consumer', ...read], strict)).stdout).toBe('one\ntwo\n')
    const perf = ['--topic', 't', '--num-records', '3', '--record-size', '5', '--throughput', '-1']
    expect((await box.run(['producer-perf-test', ...perf], strict)).code).toBe(0)
    expect((await box.run(['transactions', 'list'], strict)).code).toBe(0)
    expect((await box.run(['broker-api-versions', '--profile', 'dev'], strict)).stdout).toContain('Produce(0)')
    // Without a profile, the script wants --command-config here.
    expect((await box.run(['delegation-tokens', '--describe'], strict)).stderr).not.toContain('command-config')
    expect((await box.run(['get-offsets', '--topic', 't', '--profile', 'dev'], strict)).stdout).toBe('t:0:5\n')
    expect((await box.run(['topics', '--list', '--profile=embedded'], strict)).code).toBe(1)
    await box.run(['profile', 'use', 'embedded'])
    expect(
      (await box.run(['topics', '--list'], strict)).stderr + (await box.run(['topics', '--list'], strict)).stdout,
    ).toContain('--bootstrap-server must be specified')
  })

  it('that are read-only change nothing, and read all', async () => {
    await box.run(['topics', '--create', '--topic', 't'])
    await box.run(['console-producer', '--topic', 't'], {}, 'one\n')
    await add('ro', '--read-only')
    const env = { KT_PROFILE: 'ro', KT_BOOTSTRAP_SERVER: '' }
    for (const args of [
      ['topics', '--create', '--topic', 'u'],
      ['topics', '--delete', '--topic', 't'],
      ['configs', '--alter', '--entity-type', 'topics', '--entity-name', 't', '--add-config', 'retention.ms=1'],
      ['consumer-groups', '--reset-offsets', '--group', 'g', '--topic', 't', '--to-earliest', '--execute'],
      ['console-producer', '--topic', 't'],
      ['verifiable-producer', '--topic', 't', '--max-messages', '1'],
      ['console-consumer', '--topic', 't', '--group', 'g', '--timeout-ms', '5000'],
      ['console-consumer', '--topic', 't', '--group', 'g', '--command-property', 'enable.auto.commit=false'],
      ['console-consumer', '--topic', 't', '--group', 'g', '--exit'],
      ['console-share-consumer', '--topic', 't', '--group', 's', '--timeout-ms', '5000'],
      ['verifiable-consumer', '--topic', 't', '--group-id', 'g'],
      ['consumer-perf-test', '--topic', 't', '--num-records', '1'],
      ['share-consumer-perf-test', '--topic', 't', '--num-records', '1'],
    ]) {
      const { code, stdout, stderr } = await box.run(args, env, 'two\n')
      expect([args[0], code]).toEqual([args[0], 1])
      expect(stdout + stderr).toContain("Profile 'ro' is read-only")
    }
    const read = ['console-consumer', '--topic', 't', '--from-beginning', '--max-messages', '1']
    expect((await box.run(read, env)).stdout).toBe('one\n')
    await box.run(['console-consumer', '--topic', 'made-by-reading', '--timeout-ms', '1500'], env)
    expect(await topics()).toEqual(['t'])
    const groups = JSON.parse((await box.run(['groups', '--list', '--output', 'json'])).stdout) as { group: string }[]
    expect(groups.filter(({ group }) => !group.startsWith('console-consumer-'))).toEqual([])
    expect((await box.run(['get-offsets', '--topic', 't'])).stdout).toBe('t:0:1\n')
  })

  it('log in, and tell no secret', async () => {
    const login = [
      'security.protocol=SASL_PLAINTEXT',
      'sasl.mechanism=PLAIN',
      'sasl.username=me',
      'sasl.password=env:S',
    ]
    await add('sasl', ...login.flatMap((pair) => ['--property', pair]))
    const missing = await box.run(['topics', '--list', '--profile', 'sasl'])
    expect(missing.code).toBe(1)
    expect(missing.stdout + missing.stderr).toContain(
      "Profile 'sasl', sasl.password: the environment variable S is not set",
    )
    // The broker has no SASL: that the client tries to log in is what it complains of.
    const config = join(box.dir, 'short.properties')
    writeFileSync(config, 'default.api.timeout.ms=1500\nrequest.timeout.ms=1000\n')
    const args = ['topics', '--list', '--profile', 'sasl', '--command-config', config]
    const { code, stdout, stderr } = await box.run(args, { S: 'hunter2' })
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain('hunter2')
  })

  it('that are protected want their name', async () => {
    await add('prod', '--protected')
    const create = ['topics', '--create', '--topic', 't', '--profile', 'prod']
    const refused = await box.run(create)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('Add --confirm prod.')
    expect((await box.run([...create, '--confirm', 'other'])).code).toBe(1)
    expect(await topics()).toEqual([])
    expect(await box.run([...create, '--confirm', 'prod'])).toEqual({
      code: 0,
      stdout: 'Created topic t.\n',
      stderr: '',
    })
    expect((await box.run(['topics', '--list', '--profile', 'prod'])).stdout).toBe('t\n')
  })
})
