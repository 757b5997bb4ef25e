import { timingSafeEqual } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { equalInConstantTime } from '../../../src/broker/security/constant-time.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../../src/protocol/generated/38-create-delegation-token.ts'
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from '../../../src/protocol/generated/39-renew-delegation-token.ts'
import { logIn, saslBroker, saslClient } from './fixture.ts'

vi.mock('node:crypto', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:crypto')>()
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) }
})

const compared = vi.mocked(timingSafeEqual)
const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
  compared.mockClear()
  await work()
  return compared.mock.calls.length
}

describe('secrets are compared in constant time', () => {
  it('whatever their lengths', () => {
    for (const [a, b, isSame] of [
      ['secret', 'secret', true],
      ['secret', 'secreT', false],
      ['secret', 's', false],
      ['', 'a much longer one than the other', false],
    ] as const) {
      expect(equalInConstantTime(a, b)).toBe(isSame)
      const [left, right] = compared.mock.lastCall as [Buffer, Buffer]
      expect([left.length, right.length]).toEqual([32, 32])
    }
  })

  it('passwords of PLAIN, and of users that are not there', async () => {
    const broker = await saslBroker()
    for (const [user, password] of [
      ['alice', 'alice-pw'],
      ['alice', 'x'],
      ['nobody', 'x'],
    ] as const) {
      const client = await saslClient(broker)
      expect(await callsOf(() => logIn(client, plainMechanism(user, password)))).toBe(1)
      client.close()
    }
    await broker.stop()
  })

  it('delegation tokens: every one is looked at, wherever the right one is', async () => {
    const broker = await saslBroker({ 'delegation.token.secret.key': 'key' })
    const client = await saslClient(broker)
    await logIn(client, plainMechanism('alice', 'alice-pw'))
    const hmacs: Buffer[] = []
    for (let i = 0; i < 3; i++) {
      const codecs = [CreateDelegationTokenRequest, CreateDelegationTokenResponse] as const
      const { errorCode, hmac } = await client.request(...codecs, 3, { maxLifetimeMs: -1n })
      expect(errorCode).toBe(0)
      hmacs.push(hmac)
    }
    for (const hmac of [...hmacs, Buffer.alloc(64), Buffer.alloc(1)]) {
      const codecs = [RenewDelegationTokenRequest, RenewDelegationTokenResponse] as const
      const renew = () => client.request(...codecs, 2, { hmac, renewPeriodMs: 1000n })
      expect(await callsOf(renew)).toBe(3)
    }
    client.close()
    await broker.stop()
  })
})
