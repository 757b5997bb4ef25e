import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../src/cli/run-command.ts'
import * as command from '../../src/tools/profile/command.ts'
import { fromKcat } from '../../src/tools/profile/import-kcat.ts'
import { fromKaf, fromKafkactl, fromRpk } from '../../src/tools/profile/import-yaml.ts'
import type { Imported } from '../../src/tools/profile/imported.ts'
import { memoryIo } from '../cli/memory-io.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-profile-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const kt = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const io = memoryIo([], { KT_CONFIG_DIR: join(dir, 'config'), HOME: dir })
  const code = await runCommand(command, args, io)
  return { code, out: io.out.text, err: io.err.text }
}

describe('kt profile', () => {
  it('adds, lists, uses, shows and removes', async () => {
    const made = await kt('add', 'prod', '--bootstrap-server', 'k:1', '--protected', '--description', 'the real one')
    expect(made).toEqual({ code: 0, out: "Added profile 'prod' (k:1).\n", err: '' })
    await kt('add', 'dev', '--bootstrap-server', 'd:1')
    expect((await kt('use', 'prod')).out).toBe("Commands use profile 'prod' (k:1).\n")
    expect((await kt('list')).out).toBe(
      '  NAME  BOOTSTRAP  SECURITY   CHANGES    DESCRIPTION\n' +
        '* prod  k:1        PLAINTEXT  protected  the real one\n' +
        '  dev   d:1        PLAINTEXT  -\n',
    )
    expect((await kt('show')).out).toContain('prod (in use)')
    expect(JSON.parse((await kt('list', '--output', 'json')).out)).toMatchObject([
      { name: 'prod', isCurrent: true, isProtected: true, isReadOnly: false },
      { name: 'dev', isCurrent: false },
    ])
    expect((await kt('remove', 'prod')).out).toContain('Commands use the embedded broker.')
    expect((await kt('show')).out).toContain('embedded broker')
    expect((await kt('use', 'embedded')).code).toBe(0)
  })

  it('keeps paths that any directory can be left with', async () => {
    const config = join(dir, 'kcat.conf')
    writeFileSync(config, 'bootstrap.servers=a:1\nsecurity.protocol=ssl\nssl.ca.location=ca.pem\n')
    writeFileSync(join(dir, 'ca.pem'), '')
    await kt('import', 'kcat', config)
    const add = ['add', 'other', '--bootstrap-server', 'a:1', '--property', 'sasl.username=u', '--property']
    const { err } = await kt(...add, 'sasl.password=file:~/none', '--property', 'ssl.truststore.location=nowhere.pem')
    expect(err).toContain(`WARN other: there is no file ${resolve('nowhere.pem')} yet.`)
    const yaml = readFileSync(join(dir, 'config', 'profiles.yaml'), 'utf8')
    expect(yaml).toContain(`ssl.truststore.location: ${join(dir, 'ca.pem')}`)
    expect(yaml).toContain(`ssl.truststore.location: ${resolve('nowhere.pem')}`)
    expect(yaml).toContain(`sasl.password: file:${join(homedir(), 'none')}`)
  })

  it('replaces nothing unless told to', async () => {
    await kt('add', 'p', '--bootstrap-server', 'h:1')
    const again = await kt('add', 'p', '--bootstrap-server', 'h:2')
    expect(again).toMatchObject({ code: 1, err: "There is a profile 'p' already. --force replaces it.\n" })
    expect((await kt('add', 'p', '--bootstrap-server', 'h:2', '--force')).code).toBe(0)
    expect((await kt('show', 'p')).out).toContain('h:2')
  })

  it('takes a properties file over, warns of its secrets and never shows them', async () => {
    const file = join(dir, 'client.properties')
    const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hunter2";'
    writeFileSync(
      file,
      `bootstrap.servers=h:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${jaas}\n`,
    )
    const added = await kt('add', 'p', '--from-file', file)
    expect(added).toMatchObject({ code: 0, out: "Added profile 'p' (h:1).\n" })
    expect(added.err).toMatch(/^WARN sasl\.jaas\.config of 'p' can be read in .*keyring:SERVICE\/ACCOUNT/)
    expect(readFileSync(join(dir, 'config/profiles.yaml'), 'utf8')).toContain('hunter2')
    const shown = [
      await kt('show', 'p'),
      await kt('show', 'p', '--output', 'json'),
      await kt('list', '--output', 'yaml'),
    ]
    for (const { out, err } of [added, ...shown]) expect(out + err).not.toContain('hunter2')
    expect(shown[0]!.out).toContain('sasl.jaas.config=[hidden]')
  })

  it.each([
    [['add', 'p'], 'Where is the cluster?'],
    [['add'], 'Something is missing: kt profile add NAME'],
    [['add', 'p', '--bootstrap-server', 'nowhere'], 'profiles.p.bootstrap: expected host:port'],
    [['add', 'a b', '--bootstrap-server', 'h:1'], "'a b' can't be the name of a profile."],
    [['add', 'p', '--bootstrap-server', 'h:1', '--property', 'hunter2'], '--property takes key=value'],
    [['add', 'p', '--bootstrap-server', 'h:1', '--property', 'sasl.username=u'], 'sasl.username without sasl.password'],
    [['add', 'p', '--bootstrap-server', 'h:1', '--colour', 'beige'], "There is no colour 'beige'"],
    [['use', 'p'], "There is no profile 'p'"],
    [['remove', 'p'], "There is no profile 'p'"],
    [['import', 'telnet'], "kt can't import from 'telnet'"],
    [['import', 'kaf'], 'There is no file of kaf: looked for'],
    [['frobnicate'], "There is no action 'frobnicate'."],
    [['list', '--protected'], `Option "[protected]" can't be used with list`],
  ])('refuses %j', async (args, complaint) => {
    const { code, out, err } = await kt(...args)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(complaint)
    expect(err).not.toContain('hunter2')
  })

  it('imports from the places of other tools', async () => {
    mkdirSync(join(dir, '.kaf'))
    writeFileSync(
      join(dir, '.kaf/config'),
      'current-cluster: a\nclusters:\n- name: a\n  brokers: [h:1]\n- name: b\n  brokers: [h]\n  schema-registry-url: http://r\n',
    )
    const { code, out, err } = await kt('import', 'kaf', '--read-only')
    expect([code, out]).toEqual([0, "Added profile 'a' (h:1).\nAdded profile 'b' (h:9092).\n"])
    expect(err).toBe('WARN b: not taken over, since kt has nothing like it: schema-registry-url.\n')
    expect((await kt('list')).out).toMatch(/a .*read-only/)
    expect(await kt('import', 'kaf')).toMatchObject({ code: 1, out: '' })
  })
})

const summary = ({ profile, notes }: Imported): unknown[] => [
  profile.name,
  profile.bootstrap,
  Object.fromEntries(profile.properties),
  notes,
]

describe("other tools' settings", () => {
  const pem = {
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': '/ca.pem',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': 'file:/c.pem',
    'ssl.keystore.key': 'file:/k.pem',
  }

  it('of kcat', () => {
    const text = `# comment
metadata.broker.list=a:1,b
security.protocol=sasl_ssl
sasl.mechanisms=SCRAM-SHA-256
sasl.username=u
sasl.password=p=w
ssl.ca.location=/ca.pem
ssl.certificate.location=/c.pem
ssl.key.location=/k.pem
ssl.endpoint.identification.algorithm=none
enable.ssl.certificate.verification=false
topic.auto.offset.reset=smallest
queue.buffering.max.ms=7
broker.address.family=v4
`
    expect(summary(fromKcat(text, 'kcat'))).toEqual([
      'kcat',
      'a:1,b:9092',
      {
        'security.protocol': 'SASL_SSL',
        ...pem,
        'sasl.mechanism': 'SCRAM-SHA-256',
        'sasl.username': 'u',
        'sasl.password': 'p=w',
        'ssl.endpoint.identification.algorithm': '',
        'auto.offset.reset': 'earliest',
        'linger.ms': '7',
      },
      [
        expect.stringContaining('certificates were not checked there'),
        'not taken over, since kt has nothing like it: broker.address.family.',
      ],
    ])
  })

  it('of kaf', () => {
    const cluster = {
      name: 'my cluster',
      brokers: ['a:1', 'b:2'],
      SASL: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p', token: 't', clientID: '' },
      TLS: { cafile: '/ca.pem', clientfile: '/c.pem', clientkeyfile: '/k.pem', insecure: true },
      'security-protocol': 'SASL_SSL',
      'schema-registry-url': '',
    }
    expect(fromKaf({ clusters: [cluster] }).map(summary)).toEqual([
      [
        'my-cluster',
        'a:1,b:2',
        {
          'security.protocol': 'SASL_SSL',
          ...pem,
          'sasl.mechanism': 'SCRAM-SHA-512',
          'sasl.username': 'u',
          'sasl.password': 'p',
        },
        [
          expect.stringContaining('certificates were not checked there'),
          'not taken over, since kt has nothing like it: SASL.token.',
          "it was called 'my cluster'.",
        ],
      ],
    ])
  })

  it('of kaf, with tokens from an endpoint, and with what kt can not do', () => {
    const SASL = {
      mechanism: 'OAUTHBEARER',
      clientID: 'id',
      clientSecret: 's',
      tokenURL: 'https://t/',
      scopes: ['a', 'b'],
    }
    const clusters = [
      { name: 'oauth', brokers: ['a:1'], SASL, 'security-protocol': 'SASL_SSL' },
      { name: 'msk', brokers: ['a:1'], SASL: { mechanism: 'AWS_MSK_IAM' }, TLS: null, 'security-protocol': 'SASL_SSL' },
    ]
    const [oauth, msk] = fromKaf({ clusters }).map(summary)
    expect(oauth!.slice(2)).toEqual([
      {
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'OAUTHBEARER',
        'sasl.oauthbearer.token.endpoint.url': 'https://t/',
        'sasl.oauthbearer.client.credentials.client.id': 'id',
        'sasl.oauthbearer.client.credentials.client.secret': 's',
        'sasl.oauthbearer.scope': 'a b',
      },
      [],
    ])
    expect(msk!.at(-1)).toEqual(["kt has no SASL mechanism AWS_MSK_IAM: it can't log in there."])
  })

  it('of kafkactl', () => {
    const contexts = {
      plain: { brokers: ['a:1'], tls: { enabled: false, ca: '/ca.pem' }, sasl: { enabled: false, username: 'u' } },
      full: {
        brokers: ['a:1'],
        clientID: 'me',
        kafkaVersion: '2.5.0',
        tls: { enabled: true, ca: '/ca.pem', cert: '/c.pem', certKey: '/k.pem', insecure: false },
        sasl: { enabled: true, mechanism: 'scram-sha512', username: 'u', password: 'p' },
        kubernetes: { enabled: true },
        producer: { partitioner: 'hash' },
      },
      oauth: { brokers: ['a:1'], sasl: { enabled: true, mechanism: 'oauth', tokenprovider: { plugin: 'azure' } } },
    }
    expect(fromKafkactl({ contexts }).map(summary)).toEqual([
      ['plain', 'a:1', {}, []],
      [
        'full',
        'a:1',
        {
          'client.id': 'me',
          'security.protocol': 'SASL_SSL',
          ...pem,
          'sasl.mechanism': 'SCRAM-SHA-512',
          'sasl.username': 'u',
          'sasl.password': 'p',
        },
        [
          'it is reached through Kubernetes there; kt connects directly.',
          'not taken over, since kt has nothing like it: producer.',
        ],
      ],
      [
        'oauth',
        'a:1',
        { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'OAUTHBEARER' },
        [
          'not taken over, since kt has nothing like it: sasl.tokenprovider.',
          'the login of mechanism OAUTHBEARER has to be written by hand as sasl.jaas.config.',
        ],
      ],
    ])
  })

  it('of rpk', () => {
    const profiles = [
      { name: 'tls', kafka_api: { brokers: ['a:1'], tls: {} }, admin_api: { addresses: ['a:9644'] } },
      {
        name: 'full',
        description: 'all of it',
        kafka_api: {
          brokers: ['a:1'],
          tls: { ca_file: '/ca.pem', cert_file: '/c.pem', key_file: '/k.pem' },
          sasl: { user: 'u', password: 'p', mechanism: 'scram-sha-256' },
        },
      },
      { name: 'empty' },
    ]
    expect(fromRpk({ profiles }).map(summary)).toEqual([
      ['tls', 'a:1', { 'security.protocol': 'SSL' }, ['not taken over, since kt has nothing like it: admin_api.']],
      [
        'full',
        'a:1',
        {
          'security.protocol': 'SASL_SSL',
          ...pem,
          'sasl.mechanism': 'SCRAM-SHA-256',
          'sasl.username': 'u',
          'sasl.password': 'p',
        },
        [],
      ],
      ['empty', '127.0.0.1:9092', {}, []],
    ])
  })
})
