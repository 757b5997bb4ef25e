import { X509Certificate } from 'node:crypto'
import { getCiphers } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opensslCipherName } from '../../../src/broker/security/cipher-names.ts'
import { NoMatchingRuleError, principalMapping } from '../../../src/broker/security/principal-mapping.ts'
import { CertificateError, subjectName } from '../../../src/broker/security/x500-name.ts'
import { fixtureText } from './fixture.ts'

const der = (name: string): Buffer => new X509Certificate(fixtureText(name)).raw

describe('the subject of a certificate', () => {
  // As Java's X500Principal.getName() prints them.
  it.each([
    ['alice.pem', 'CN=alice,OU=Sales,O=Example\\, Inc.,ST=Bayern,C=DE'],
    [
      'odd.pem',
      '2.5.4.5=#130137+CN=\\ Ödd \\"x\\"\\;\\<y\\>,2.5.4.12=#0c024472,UID=u1,DC=example,1.2.840.113549.1.9.1=#160d6f406578616d706c652e6f7267',
    ],
  ])('%s is named as Java names it', (file, name) => {
    expect(subjectName(der(file))).toBe(name)
  })

  it('is not found in what is no certificate, and looking for it always ends', () => {
    const whole = der('odd.pem')
    expect(() => subjectName(whole.subarray(0, 40))).toThrow(CertificateError)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const broken = Buffer.from(whole)
        broken[at] = byte
        try {
          expect(typeof subjectName(broken)).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(CertificateError)
        }
      }),
    )
  })
})

describe('ssl.principal.mapping.rules', () => {
  const DN = 'CN=Duke,OU=ServiceUsers,O=Org,C=US'
  // Cases of KIP-371 and of Kafka's documentation.
  it.each([
    ['DEFAULT', DN, DN],
    ['', DN, DN],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/', DN, 'Duke'],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L', DN, 'duke'],
    ['RULE:^CN=(.*?),OU=ServiceUsers.*$/$1@$2/U', DN, 'DUKE@$2'],
    [
      'RULE:^CN=(.*?),OU=Sales.*$/$1/, RULE:^CN=(.*?),OU=(.*?),O=(.*?),.*$/$1@$2@$3/L,DEFAULT',
      DN,
      'duke@serviceusers@org',
    ],
    ['RULE:^CN=(.*?),OU=Sales.*$/$1/,DEFAULT', DN, DN],
    ['RULE:^cn=(.*?),.*$/$1/,RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L', DN, 'duke'],
    ['RULE:^CN=([^,]+).*/a\\/$1/', DN, 'a/Duke'],
  ])('%s', (rules, distinguishedName, name) => {
    expect(principalMapping(rules)(distinguishedName)).toBe(name)
  })

  it('leaves nameless whom no rule fits', () => {
    expect(() => principalMapping('RULE:^CN=(.*?),OU=Sales.*$/$1/')(DN)).toThrow(NoMatchingRuleError)
    expect(() => principalMapping('RULE:^CN=(.*?),OU=Sales.*$/$1/')(DN)).toThrow(`No rules apply to ${DN}`)
  })

  it.each(['default', 'DEFAULT/L', 'RULE:CN=(.*?),OU=ServiceUsers.*/$1', 'RULE:^CN=(/$1/', 'RULE'])(
    'refuses %s',
    (rules) => {
      expect(() => principalMapping(rules)).toThrow('Invalid rule')
    },
  )
})

describe('cipher suites', () => {
  it.each([
    ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA256', 'DHE-RSA-AES128-SHA256'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    ['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ])('%s is %s', (java, openssl) => {
    expect(opensslCipherName(java)).toBe(openssl)
    expect(getCiphers()).toContain(openssl.toLowerCase())
  })
})
