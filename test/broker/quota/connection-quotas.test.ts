import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ConnectionQuotas } from '../../../src/broker/quota/connection-quotas.ts'
import { BrokerConfig } from '../../../src/config/broker-config.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../../src/protocol/generated/18-api-versions.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import { TestBroker, type TestClient } from '../in-process.ts'

const OUTSIDE = 'OUTSIDE'
const INSIDE = 'INSIDE'

function quotas(overrides: Record<string, string>) {
  const config = BrokerConfig.fromProperties(
    new Map(
      Object.entries({
        'process.roles': 'broker',
        'node.id': '1',
        'controller.quorum.bootstrap.servers': 'localhost:9',
        'controller.listener.names': 'CONTROLLER',
        listeners: 'OUTSIDE://localhost:0,INSIDE://localhost:0',
        'advertised.listeners': 'OUTSIDE://localhost:1,INSIDE://localhost:2',
        'listener.security.protocol.map': 'OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': INSIDE,
        ...overrides,
      }),
    ),
  )
  const clock = new ManualClock()
  const connections = new ConnectionQuotas({ clock, config: () => config, window: { samples: 2, windowMs: 1000 } })
  const woken: string[] = []
  for (const name of [OUTSIDE, INSIDE]) connections.addListener(name, () => woken.push(name))
  /** Lets a connection in if it is its turn. */
  const enter = (listener: string, address = '10.0.0.1'): string =>
    connections.isItsTurn(listener) ? connections.admit(listener, address).kind : 'waits'
  return { connections, clock, woken, enter }
}

describe('ConnectionQuotas', () => {
  it('max.connections holds for all listeners together, but not for the one between brokers', () => {
    const { connections, enter, woken } = quotas({ 'max.connections': '2' })
    expect([enter(OUTSIDE), enter(INSIDE), enter(OUTSIDE)]).toEqual(['accept', 'accept', 'waits'])
    expect(enter(INSIDE)).toBe('accept')
    connections.release(INSIDE, '10.0.0.1')
    connections.release(INSIDE, '10.0.0.1')
    expect(woken).toContain(OUTSIDE)
    expect(enter(OUTSIDE)).toBe('accept')
  })

  it('a listener can have a limit of its own', () => {
    const { enter } = quotas({ 'listener.name.inside.max.connections': '1' })
    expect([enter(INSIDE), enter(INSIDE), enter(OUTSIDE)]).toEqual(['accept', 'waits', 'accept'])
  })

  it('max.connections.per.ip counts one address over all listeners, with exceptions', () => {
    const { connections, enter } = quotas({
      'max.connections.per.ip': '1',
      'max.connections.per.ip.overrides': '10.0.0.9:2',
    })
    expect([enter(OUTSIDE), enter(INSIDE)]).toEqual(['accept', 'too-many'])
    expect([1, 2, 3].map(() => enter(OUTSIDE, '10.0.0.9'))).toEqual(['accept', 'accept', 'too-many'])
    connections.release(OUTSIDE, '10.0.0.1')
    expect(enter(INSIDE)).toBe('accept')
  })

  it('max.connection.creation.rate lets the next one wait, no longer than a window', () => {
    const { clock, enter, woken } = quotas({ 'max.connection.creation.rate': '2' })
    expect([enter(OUTSIDE), enter(OUTSIDE), enter(OUTSIDE)]).toEqual(['accept', 'accept', 'waits'])
    // 3 in a second, where 2 are allowed: half a second more.
    clock.advance(499)
    expect(enter(OUTSIDE)).toBe('waits')
    expect(woken).toEqual([])
    clock.advance(1)
    expect(woken).toEqual([OUTSIDE])
    expect(enter(OUTSIDE)).toBe('accept')
  })

  it('connection_creation_rate refuses an address that comes too fast, and nobody else', () => {
    const { connections, clock, enter } = quotas({})
    connections.setRate(null, 1)
    connections.setRate('10.0.0.9', 3)
    expect([enter(OUTSIDE), enter(OUTSIDE), enter(OUTSIDE, '10.0.0.2')]).toEqual(['accept', 'too-fast', 'accept'])
    expect([1, 2, 3, 4].map(() => enter(OUTSIDE, '10.0.0.9'))).toEqual(['accept', 'accept', 'accept', 'too-fast'])
    // The refused one doesn't count: a fourth in 1.5 s is allowed.
    clock.advance(500)
    expect(enter(OUTSIDE, '10.0.0.9')).toBe('accept')
    clock.advance(2000)
    expect(enter(OUTSIDE)).toBe('accept')
    connections.setRate(null, undefined)
    expect([enter(OUTSIDE), enter(OUTSIDE)]).toEqual(['accept', 'accept'])
  })
})

describe('a listener', () => {
  let broker: TestBroker | undefined
  afterEach(async () => {
    await broker?.stop()
    broker = undefined
  })
  const ask = (client: TestClient): Promise<ApiVersionsResponse> =>
    client.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})

  it('closes a client that came too fast when its time is over, unheard', async () => {
    const clock = new ManualClock()
    broker = await TestBroker.start({ 'quota.window.num': '2' }, { clock })
    const first = await broker.connect()
    await first.request(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
      entries: [
        {
          entity: [{ entityType: 'ip', entityName: null }],
          ops: [{ key: 'connection_creation_rate', value: 1 }],
        },
      ],
    })
    const second = await broker.connect()
    await ask(second)
    const third = await broker.connect()
    third.send(ApiVersionsRequest, 0, {})
    const end = third.nextFrame()
    await ask(second)
    expect(third.socket.destroyed).toBe(false)
    clock.advance(1000)
    expect(await end).toBeUndefined()
    first.close()
    second.close()
  })

  it('lets clients above max.connection.creation.rate in later', async () => {
    const clock = new ManualClock()
    broker = await TestBroker.start({ 'quota.window.num': '2', 'max.connection.creation.rate': '1' }, { clock })
    const first = await broker.connect()
    await ask(first)
    const second = await broker.connect()
    const answer = ask(second)
    await ask(first)
    expect(broker.broker.connectionCount).toBe(1)
    clock.advance(1000)
    expect((await answer).errorCode).toBe(0)
    first.close()
    second.close()
  })
})
