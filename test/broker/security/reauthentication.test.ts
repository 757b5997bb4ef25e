import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Cancel, type Clock, systemClock } from '../../../src/base/clock.ts'
import { plainMechanism } from '../../../src/net/sasl/plain.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { MetadataRequest, MetadataResponse } from '../../../src/protocol/generated/03-metadata.ts'
import type { TestBroker, TestClient } from '../in-process.ts'
import { authenticate, handshake, logIn, saslBroker, saslClient } from './fixture.ts'

/** The machine's clock, which a test can put forward. */
class SkippingClock implements Clock {
  private skippedMs = 0

  nowMs(): number {
    return systemClock.nowMs() + this.skippedMs
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.skippedMs
  }

  schedule(delayMs: number, fn: () => void): Cancel {
    return systemClock.schedule(delayMs, fn)
  }

  skip(ms: number): void {
    this.skippedMs += ms
  }
}

const ALICE = '\0alice\0alice-pw'
const REAUTH_MS = 60_000

describe('re-authentication (KIP-368)', () => {
  const clock = new SkippingClock()
  let broker: TestBroker
  let client: TestClient
  beforeAll(async () => {
    const overrides = { 'listener.name.sasl.plain.connections.max.reauth.ms': String(REAUTH_MS) }
    broker = await saslBroker(overrides, { clock })
  })
  afterAll(() => broker.stop())
  beforeEach(async () => {
    client = await saslClient(broker)
    expect(await logIn(client, plainMechanism('alice', 'alice-pw'))).toMatchObject({
      errorCode: 0,
      sessionLifetimeMs: BigInt(REAUTH_MS),
    })
    return () => client.close()
  })
  const ask = (): Promise<MetadataResponse> => client.request(MetadataRequest, MetadataResponse, 12, { topics: [] })

  it('prolongs the session', async () => {
    for (let i = 0; i < 3; i++) {
      clock.skip(REAUTH_MS - 10_000)
      await handshake(client, 'PLAIN')
      expect(await authenticate(client, ALICE)).toMatchObject({ errorCode: 0, sessionLifetimeMs: BigInt(REAUTH_MS) })
      expect((await ask()).brokers).toHaveLength(1)
    }
  })

  it('may come late, when the session is over but nothing else was asked', async () => {
    clock.skip(REAUTH_MS + 1000)
    expect((await handshake(client, 'PLAIN')).errorCode).toBe(0)
    expect((await authenticate(client, ALICE)).errorCode).toBe(0)
    expect((await ask()).brokers).toHaveLength(1)
  })

  it('is forced: a request after the end of the session closes the connection', async () => {
    clock.skip(REAUTH_MS - 10_000)
    expect((await ask()).brokers).toHaveLength(1)
    clock.skip(20_000)
    client.send(MetadataRequest, 12, { topics: [] })
    expect(await client.nextFrame()).toBeUndefined()
  })

  it('can not change the principal', async () => {
    await handshake(client, 'PLAIN')
    expect(await authenticate(client, '\0bob\0bob-pw')).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Cannot change principals during re-authentication from User.alice: User.bob',
    })
    expect(await client.nextFrame()).toBeUndefined()
  })

  it('can not change the mechanism', async () => {
    expect((await handshake(client, 'SCRAM-SHA-256')).errorCode).toBe(0)
    client.send(MetadataRequest, 12, { topics: [] })
    expect(await client.nextFrame()).toBeUndefined()
  })

  it('with a wrong password closes the connection', async () => {
    await handshake(client, 'PLAIN')
    expect((await authenticate(client, '\0alice\0wrong')).errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
    expect(await client.nextFrame()).toBeUndefined()
  })

  it('is refused within a second of the last one', async () => {
    await handshake(client, 'PLAIN')
    await authenticate(client, ALICE)
    expect((await handshake(client, 'PLAIN')).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
    expect((await ask()).brokers).toHaveLength(1)
  })
})
