import { describe, expect, it } from 'vitest'
import { parseScramArgument } from '../../../src/broker/controller/scram-arguments.ts'

const SALT = 'MWx2NHBkbnc0ZndxN25vdGN4bTB5eTFrN3E='
const bytes = (...numbers: number[]): Buffer => Buffer.from(Int8Array.from(numbers).buffer)

describe('--add-scram', () => {
  it('makes of a password what kafka-storage makes of it', () => {
    // biome-ignore format: bytes as kafka-storage.sh prints them
    expect(parseScramArgument(`SCRAM-SHA-256=[name=alice,salt="${SALT}",password=alice-secret,iterations=8192]`)).toEqual({
      name: 'alice',
      mechanism: 1,
      salt: Buffer.from(SALT, 'base64'),
      storedKey: bytes(1, 48, -115, -101, 64, 93, -53, 14, 35, 47, 33, -100, 54, 84, 26, -44, 19, 84, 82, -107, 59, -32, -48, -121, -37, -115, 100, 49, 105, -53, -4, 72),
      serverKey: bytes(105, 14, -81, 33, 82, -83, 54, 31, -114, 51, -42, -124, -18, -124, -94, -128, 23, 52, 35, -81, 123, 53, 48, 65, 69, -62, 118, 27, -13, -117, -80, -87),
      iterations: 8192,
    })
  })

  it('takes a salted password', () => {
    const salted = 'mT0yyUUxnlJaC99HXgRTSYlbuqa4FSGtJCJfTMvjYCE='
    const record = parseScramArgument(`SCRAM-SHA-512=[name=bob,salt="${SALT}",saltedpassword="${salted}"]`)
    expect(record).toMatchObject({ name: 'bob', mechanism: 2, iterations: 4096 })
    expect([...record.storedKey.subarray(0, 8)]).toEqual([...bytes(57, 50, 90, 35, 76, 107, 85, 80)])
  })

  it.each([
    ['SCRAM-SHA-256[]', "Failed to find equals sign in SCRAM argument 'SCRAM-SHA-256[]'"],
    ['SCRAM-SHA-1=[name=alice,password=x]', 'The add-scram mechanism SCRAM-SHA-1 is not supported.'],
    ['SCRAM-SHA-256=name=alice', 'Expected configuration string to start with ['],
    ['SCRAM-SHA-256=[name=alice', 'Expected configuration string to end with ]'],
    ['SCRAM-SHA-256=[alice]', 'No equals sign found in SCRAM component: alice'],
    ['SCRAM-SHA-256=[password=x]', "You must supply 'name' to add-scram"],
    ['SCRAM-SHA-256=[name=alice]', "You must supply one of 'password' or 'saltedpassword' to add-scram"],
    ['SCRAM-SHA-256=[name=alice,saltedpassword=eA==]', "You must supply 'salt' with 'saltedpassword' to add-scram"],
    ['SCRAM-SHA-256=[name=alice,salt=?,password=x]', 'Failed to decode given salt: ?'],
    ['SCRAM-SHA-256=[name=alice,password=x,iterations=many]', 'Failed to parse iterations count: many'],
    ['SCRAM-SHA-256=[name=alice,password=x,foo=1]', 'Unknown SCRAM configurations: foo'],
    [
      'SCRAM-SHA-256=[name=alice,password=x,iterations=1]',
      "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256",
    ],
    [
      'SCRAM-SHA-512=[name=alice,password=x,iterations=99999]',
      "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512",
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parseScramArgument(text)).toThrow(message)
  })
})
