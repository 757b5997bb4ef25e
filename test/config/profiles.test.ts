import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clientPropertiesOf } from '../../src/config/profiles/client-properties.ts'
import { configDir, stateDir } from '../../src/config/profiles/places.ts'
import { type Profile, ProfileFile } from '../../src/config/profiles/profile-file.ts'
import { commandWords, isLiteralSecret, resolveValue, shownValue } from '../../src/config/profiles/secrets.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-profiles-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const path = (): string => join(dir, 'profiles.yaml')
const open = (text?: string): ProfileFile => {
  if (text !== undefined) writeFileSync(path(), text)
  return new ProfileFile({ KT_CONFIG_DIR: dir })
}
const profile = (more: Partial<Profile> = {}): Profile => ({
  name: 'p',
  bootstrap: 'h:1',
  properties: new Map(),
  protected: false,
  readOnly: false,
  ...more,
})

describe('places', () => {
  it('follow the variables', () => {
    expect(configDir({}, '/h/u')).toBe('/h/u/.config/kt')
    expect(configDir({ XDG_CONFIG_HOME: '/x' }, '/h/u')).toBe('/x/kt')
    expect(configDir({ XDG_CONFIG_HOME: 'relative' }, '/h/u')).toBe('/h/u/.config/kt')
    expect(configDir({ KT_CONFIG_DIR: '/k', XDG_CONFIG_HOME: '/x' }, '/h/u')).toBe('/k')
    expect(stateDir({ XDG_STATE_HOME: '/s' }, '/h/u')).toBe('/s/kt')
  })
})

describe('profiles.yaml', () => {
  it('is written for its owner alone, and keeps comments', () => {
    open().put([profile({ properties: new Map([['client.id', 'me']]), protected: true, colour: 'red' })])
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    writeFileSync(path(), `# mine\n${readFileSync(path(), 'utf8')}`)
    open().put([profile({ name: 'q' })])
    expect(readFileSync(path(), 'utf8')).toContain('# mine')
    const { profiles } = open()
    expect([...profiles.keys()]).toEqual(['p', 'q'])
    expect(profiles.get('p')).toMatchObject({ protected: true, readOnly: false, colour: 'red' })
    open().remove('p')
    expect([...open().profiles.keys()]).toEqual(['q'])
  })

  it.each([
    ['profiles: {p: {bootstrap: nowhere}}', 'profiles.p.bootstrap: expected host:port'],
    ['profiles: {p: {bootstrap: "h:1", protcted: true}}', 'profiles.p: Unrecognized key: "protcted"'],
    ['profiles: {p: {bootstrap: "h:1", readOnly: maybe}}', 'profiles.p.readOnly: '],
    ['profiles: {p: {bootstrap: "h:1", properties: {a: [1]}}}', 'profiles.p.properties.a: '],
    ['profiles: {p: {}}', 'profiles.p.bootstrap: expected host:port'],
    ['profile: {}', 'Unrecognized key: "profile"'],
    ['profiles: {p: [', 'is no YAML'],
  ])('says what is wrong with %s', (text, complaint) => {
    expect(() => open(text)).toThrow(complaint)
    expect(() => open(text)).toThrow(path())
  })

  it.each(['embedded', '', '-p', 'a b', '../x'])('takes no profile called %j', (name) => {
    expect(() => open().put([profile({ name })])).toThrow()
  })
})

describe('secrets', () => {
  const resolve = (value: string, env = {}, timeoutMs?: number): Promise<string> =>
    resolveValue(value, "Profile 'p', sasl.password", env, timeoutMs)

  it('are found where they are said to be', async () => {
    writeFileSync(join(dir, 'secret'), 'from file\n')
    expect(await resolve(`file:${join(dir, 'secret')}`)).toBe('from file')
    expect(await resolve('env:P', { P: 'from env' })).toBe('from env')
    expect(await resolve(`exec:'${process.execPath}' -e 'console.log("first"); console.log("second")'`)).toBe('first')
    expect(await resolve('plain')).toBe('plain')
    expect(await resolve('file:///etc/token')).toBe('file:///etc/token')
  })

  it.each([
    ['env:NOT_SET', 'the environment variable NOT_SET is not set'],
    ['file:/nonexistent/secret', 'ENOENT'],
    ['exec:/nonexistent/program --password hunter2', "the command '/nonexistent/program' can't be run"],
    ['exec:false', 'ended with exit code 1'],
    ['exec:true', 'printed nothing'],
    ['keyring:nothing', 'names no secret'],
  ])('%s: says why not, without the secret', async (value, why) => {
    const error = await resolve(value, process.env).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'ProfileError' })
    expect((error as Error).message).toContain(why)
    expect((error as Error).message).toContain("Profile 'p', sasl.password")
    expect((error as Error).message).not.toContain('hunter2')
  })

  it('do not wait for ever', async () => {
    await expect(resolve(`exec:'${process.execPath}' -e 'setInterval(() => {}, 1000)'`, {}, 50)).rejects.toThrow(
      'was stopped',
    )
  })

  it('are masked', () => {
    expect(shownValue('sasl.password', 'hunter2')).toBe('[hidden]')
    expect(shownValue('sasl.jaas.config', 'x password="hunter2";')).toBe('[hidden]')
    expect(shownValue('ssl.keystore.key', 'PEM')).toBe('[hidden]')
    expect(shownValue('sasl.password', 'keyring:kt/p')).toBe('keyring:kt/p')
    expect(shownValue('sasl.password', 'exec:echo hunter2')).toBe('exec:echo …')
    expect(shownValue('sasl.mechanism', 'PLAIN')).toBe('PLAIN')
    expect(isLiteralSecret('ssl.truststore.location', '/ca.pem')).toBe(false)
  })

  it('of commands are no shell lines', () => {
    expect(commandWords(` pass show 'a b' "c \\" $d" e\\ f | g`)).toEqual([
      'pass',
      'show',
      'a b',
      'c " $d',
      'e f',
      '|',
      'g',
    ])
  })
})

describe("a profile's client properties", () => {
  const of = (properties: Record<string, string>, more: Partial<Profile> = {}): Promise<Map<string, string>> =>
    clientPropertiesOf(profile({ properties: new Map(Object.entries(properties)), ...more }), { P: 'a"b\\c' })

  it('have the login as Java wants it', async () => {
    const made = await of({ 'sasl.mechanism': 'SCRAM-SHA-512', 'sasl.username': 'u', 'sasl.password': 'env:P' })
    expect(Object.fromEntries(made)).toEqual({
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="a\\"b\\\\c";',
    })
  })

  it('complain of half a login', async () => {
    await expect(of({ 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u' })).rejects.toThrow('no sasl.password')
    await expect(of({ 'sasl.username': 'u', 'sasl.password': 'p' })).rejects.toThrow('sasl.mechanism is missing')
  })

  it('are never quoted where they are wrong', async () => {
    const wrong = clientPropertiesOf(profile({ properties: new Map([['sasl.jaas.config', 'env:S']]) }), {
      S: 'garbage hunter2 password=hunter2',
    })
    const error = await wrong.catch((thrown: unknown) => thrown)
    expect((error as Error).message).toMatch(/^Profile 'p': sasl\.jaas\.config can't be read/)
    expect((error as Error).message).not.toContain('hunter2')
  })

  it('let no reader of a read-only one create topics', async () => {
    expect((await of({}, { readOnly: true })).get('allow.auto.create.topics')).toBe('false')
  })
})
