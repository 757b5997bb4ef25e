import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Jwks } from '../../../src/broker/security/jwks.ts'
import { type JwtSettings, jwtValidator } from '../../../src/broker/security/jwt-validator.ts'
import { InvalidTokenError } from '../../../src/broker/security/oauthbearer-server.ts'
import { unsecuredValidator } from '../../../src/broker/security/unsecured-validator.ts'
import { oauthBearerMechanism } from '../../../src/net/sasl/oauthbearer.ts'
import type { TestBroker } from '../in-process.ts'
import { logIn, saslBroker, saslClient, unsecuredToken } from './fixture.ts'

const NOW = 1_700_000_000
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = (key: KeyObject, kid: string, more: object = {}): object => ({
  ...key.export({ format: 'jwk' }),
  ...{ kid, use: 'sig' },
  ...more,
})
const keySet = {
  keys: [
    jwk(rsa.publicKey, 'rsa'),
    jwk(ec.publicKey, 'ec'),
    jwk(ed.publicKey, 'ed'),
    { kty: 'oct', kid: 'oct', k: 'eA' },
  ],
}
const CLAIMS = { sub: 'alice', iat: NOW, exp: NOW + 100 }

function signed(
  claims: object,
  key: KeyObject = rsa.privateKey,
  header: object = { alg: 'RS256', kid: 'rsa' },
): string {
  const text = `${base64(header)}.${base64(claims)}`
  const { alg } = header as { alg: string }
  const options = alg.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' as const } : { key }
  const signature = sign(alg === 'EdDSA' ? null : `sha${alg.slice(2)}`, Buffer.from(text), options)
  return `${text}.${signature.toString('base64url')}`
}

const SETTINGS: JwtSettings = {
  ...{ expectedAudience: [], expectedIssuer: null, clockSkewSeconds: 30 },
  ...{ scopeClaim: 'scope', subClaim: 'sub' },
}

describe('signed bearer tokens', () => {
  let directory: string
  let server: Server
  let answered = 0
  let answer: object = keySet
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kt-jwks-'))
    await writeFile(join(directory, 'keys.json'), JSON.stringify(keySet))
    server = createServer((_request, response) => {
      answered++
      response.end(JSON.stringify(answer))
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true })
  })

  const fromFile = (): string => pathToFileURL(join(directory, 'keys.json')).href
  const fromServer = (): string => `http://localhost:${(server.address() as AddressInfo).port}/keys`
  const validator = (settings: Partial<JwtSettings> = {}, url = fromFile()) => {
    const clock = new ManualClock(NOW * 1000)
    const onError = (error: unknown): void => {
      throw error
    }
    const jwks = new Jwks({ url, refreshMs: 3_600_000, clock, onError })
    return { clock, validate: jwtValidator({ ...SETTINGS, ...settings }, jwks, clock) }
  }

  it.each([
    ['RS256', rsa, 'rsa'],
    ['RS512', rsa, 'rsa'],
    ['ES256', ec, 'ec'],
    ['EdDSA', ed, 'ed'],
  ])('are taken with %s', async (alg, { privateKey }, kid) => {
    const token = signed(CLAIMS, privateKey, { alg, kid })
    expect(await validator().validate(token)).toEqual({ principal: 'alice', expiresAtMs: (NOW + 100) * 1000 })
  })

  it.each<[string, string]>([
    ['no signature', unsecuredToken(CLAIMS)],
    ['the signature of another', signed(CLAIMS, foreign.privateKey)],
    ['a key nobody knows', signed(CLAIMS, rsa.privateKey, { alg: 'RS256', kid: 'none' })],
    ['an algorithm that does not fit the key', signed(CLAIMS, rsa.privateKey, { alg: 'RS256', kid: 'ec' })],
    ['a symmetric algorithm', `${base64({ alg: 'HS256', kid: 'oct' })}.${base64(CLAIMS)}.AAAA`],
    ['other claims than were signed', signed(CLAIMS).replace(base64(CLAIMS), base64({ ...CLAIMS, sub: 'root' }))],
    ['critical headers', signed(CLAIMS, rsa.privateKey, { alg: 'RS256', kid: 'rsa', crit: ['x'] })],
    ['two parts', 'a.b'],
    ['no JSON', 'AAAA.BBBB.'],
    ['no expiry', signed({ sub: 'alice', iat: NOW })],
    ['no time of issue', signed({ sub: 'alice', exp: NOW + 100 })],
    ['a life that is over', signed({ ...CLAIMS, exp: NOW - 31 })],
    ['a life that has not begun', signed({ ...CLAIMS, nbf: NOW + 31 })],
    ['no subject', signed({ iat: NOW, exp: NOW + 100 })],
    ['a subject that is no text', signed({ ...CLAIMS, sub: 7 })],
    ['an audience nobody expects', signed({ ...CLAIMS, aud: 'kafka' })],
    ['a scope twice', signed({ ...CLAIMS, scope: ['a', 'a'] })],
  ])('are refused with %s', async (_what, token) => {
    await expect(validator().validate(token)).rejects.toThrow(InvalidTokenError)
  })

  it('are taken within the clock skew', async () => {
    expect(await validator().validate(signed({ ...CLAIMS, exp: NOW - 29, nbf: NOW + 29 }))).toBeDefined()
  })

  it('are checked for audience, issuer and the claims named', async () => {
    const { validate } = validator({ expectedAudience: ['kafka', 'other'], expectedIssuer: 'us', subClaim: 'name' })
    const good = { ...CLAIMS, aud: ['x', 'kafka'], iss: 'us', name: 'bob' }
    expect(await validate(signed(good))).toMatchObject({ principal: 'bob' })
    for (const wrong of [{ aud: 'x' }, { aud: undefined }, { iss: 'them' }, { name: undefined }]) {
      await expect(validate(signed({ ...good, ...wrong }))).rejects.toThrow(InvalidTokenError)
    }
  })

  it('have their keys fetched once, and again for a new key, but not at the will of who sends tokens', async () => {
    const { clock, validate } = validator({}, fromServer())
    answered = 0
    await Promise.all([validate(signed(CLAIMS)), validate(signed(CLAIMS))])
    expect(answered).toBe(1)
    answer = { keys: [...keySet.keys, jwk(foreign.publicKey, 'new')] }
    const token = signed({ ...CLAIMS, exp: NOW + 1000 }, foreign.privateKey, { alg: 'RS256', kid: 'new' })
    await expect(validate(token)).rejects.toThrow('No suitable verification key')
    expect(answered).toBe(1)
    clock.advance(11_000)
    expect(await validate(token)).toBeDefined()
    expect(answered).toBe(2)
  })

  it('log a client in', async () => {
    const own = 'listener.name.sasl.oauthbearer'
    const broker: TestBroker = await saslBroker({
      'sasl.oauthbearer.jwks.endpoint.url': fromFile(),
      'listener.name.sasl.sasl.oauthbearer.expected.audience': 'kafka',
      [`${own}.sasl.server.callback.handler.class`]:
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler',
    })
    const now = Math.floor(Date.now() / 1000)
    const claims = { sub: 'alice', aud: 'kafka', iat: now, exp: now + 100 }
    const outcome = async (token: string): Promise<number> => {
      const client = await saslClient(broker)
      const { errorCode } = await logIn(
        client,
        oauthBearerMechanism(async () => token),
      )
      client.close()
      return errorCode
    }
    expect(await outcome(signed(claims))).toBe(0)
    expect(await outcome(signed({ ...claims, aud: 'x' }))).toBe(58)
    expect(await outcome(unsecuredToken(claims))).toBe(58)
    await broker.stop()
  })
})

describe('unsecured bearer tokens', () => {
  const clock = new ManualClock(NOW * 1000)
  const outcome = (claims: object, options: Record<string, string> = {}): unknown => {
    try {
      return unsecuredValidator(new Map(Object.entries(options)), clock)(unsecuredToken(claims))
    } catch (error) {
      if (error instanceof InvalidTokenError) return error.status
      throw error
    }
  }

  it.each<[object, Record<string, string>, unknown]>([
    [CLAIMS, {}, 'alice'],
    [{ sub: 'alice', exp: NOW + 1 }, {}, 'alice'],
    [{ sub: 'alice' }, {}, 'invalid_token'],
    [{ exp: NOW + 1 }, {}, 'invalid_token'],
    [{ sub: 1, exp: NOW + 1 }, {}, 'invalid_token'],
    [{ sub: 'alice', exp: 'soon' }, {}, 'invalid_token'],
    [{ sub: 'alice', exp: NOW }, {}, 'invalid_token'],
    [{ sub: 'alice', exp: NOW }, { unsecuredValidatorAllowableClockSkewMs: '1000' }, 'alice'],
    [{ ...CLAIMS, iat: NOW + 1 }, {}, 'invalid_token'],
    [{ ...CLAIMS, iat: NOW + 1 }, { unsecuredValidatorAllowableClockSkewMs: '1000' }, 'alice'],
    [{ ...CLAIMS, name: 'bob' }, { unsecuredValidatorPrincipalClaimName: 'name' }, 'bob'],
    [{ ...CLAIMS, scope: 'a b' }, { unsecuredValidatorRequiredScope: 'b a' }, 'alice'],
    [
      { ...CLAIMS, scp: ['a'] },
      { unsecuredValidatorRequiredScope: 'a', unsecuredValidatorScopeClaimName: 'scp' },
      'alice',
    ],
    [{ ...CLAIMS, scope: 'a' }, { unsecuredValidatorRequiredScope: 'a b' }, 'insufficient_scope'],
  ])('%j with %j: %s', (claims, options, expected) => {
    const found = outcome(claims, options)
    expect(typeof found === 'object' ? (found as { principal: string }).principal : found).toBe(expected)
  })

  it('are refused with a signature or an algorithm', () => {
    const validate = unsecuredValidator(new Map(), clock)
    expect(() => validate(signed(CLAIMS))).toThrow("must have 'none' for an algorithm")
    expect(() => validate(`${unsecuredToken(CLAIMS)}AAAA`)).toThrow('must not contain a digital signature')
  })

  it('need a clock skew that is none below zero', () => {
    expect(() => unsecuredValidator(new Map([['unsecuredValidatorAllowableClockSkewMs', '-1']]), clock)).toThrow(
      RangeError,
    )
  })
})
