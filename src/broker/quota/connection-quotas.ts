import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Cancel, Clock } from '../../base/clock.ts'
import { connectionsPerIpOverrides } from '../../config/broker-checks.ts'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { Rate, type RateWindow, throttleTimeMs } from './rate.ts'

/** Addresses whose rate is measured at once; the one longest unused makes room. */
const MAX_ADDRESSES = 10_000
const UNLIMITED = 2 ** 31 - 1

/** What becomes of a connection whose turn it is. */
export type Admission =
  | { kind: 'accept' }
  /** Its address has as many connections as it may. */
  | { kind: 'too-many'; limit: number }
  /** Its address connects too often: to be closed, unheard, after this time. */
  | { kind: 'too-fast'; closeAfterMs: number }

export interface ConnectionQuotasOptions {
  clock: Clock
  config: () => BrokerConfig
  window: RateWindow
}

/** One listener's end of the limits. */
interface ListenerTurn {
  name: string
  open: number
  rate: Rate
  wake: () => void
  /** When the connection at the front of the line may come in; undefined as long as its coming isn't charged. */
  readyMs: number | undefined
  cancel: Cancel | undefined
}

/**
 * Limits of connections, of the broker as a whole and of each listener (Kafka's ConnectionQuotas): how many at once (max.connections), how many from
 * one address (max.connections.per.ip), how many new ones a second (max.connection.creation.rate, and by address the quota connection_creation_rate).
 * Above the first and the third, connections wait in line; above the others they are closed.
 */
export class ConnectionQuotas {
  private readonly clock: Clock
  private readonly config: () => BrokerConfig
  private readonly window: RateWindow
  private readonly rate = new Rate()
  private readonly listeners = new Map<string, ListenerTurn>()
  private readonly byAddress = new Map<string, number>()
  /** Quotas by address; null is the default. */
  private readonly addressLimits = new Map<string | null, number>()
  /** In the order last used. */
  private readonly addressRates = new Map<string, Rate>()
  private total = 0

  constructor({ clock, config, window }: ConnectionQuotasOptions) {
    this.clock = clock
    this.config = config
    this.window = window
  }

  /** A listener opens; `wake` is called when its next connection may be let in after all. */
  addListener(name: string, wake: () => void): void {
    this.listeners.set(name, { name, open: 0, rate: new Rate(), wake, readyMs: undefined, cancel: undefined })
  }

  removeListener(name: string): void {
    this.listeners.get(name)?.cancel?.()
    this.listeners.delete(name)
  }

  /** Sets the quota connection_creation_rate of an address or host, of all others (null), or with undefined removes it. */
  setRate(address: string | null, limit: number | undefined): void {
    if (address === null || isIP(address) !== 0) this.setAddressRate(address, limit)
    else
      lookup(address).then(
        (found) => this.setAddressRate(found.address, limit),
        () => undefined,
      )
  }

  private setAddressRate(address: string | null, limit: number | undefined): void {
    if (limit === undefined) this.addressLimits.delete(address)
    else this.addressLimits.set(address, Math.trunc(limit))
    if (this.addressLimits.size === 0) this.addressRates.clear()
  }

  /** Whether the connection at the front of a listener's line may come in now; if not, `wake` is called when it may. */
  isItsTurn(listenerName: string): boolean {
    const listener = this.listeners.get(listenerName)
    if (!listener) return false
    const nowMs = Math.floor(this.clock.monotonicMs())
    listener.readyMs ??= nowMs + this.chargeRates(listener, nowMs)
    if (nowMs < listener.readyMs) {
      listener.cancel ??= this.clock.schedule(listener.readyMs - nowMs, () => {
        listener.cancel = undefined
        listener.wake()
      })
      return false
    }
    return this.hasRoom(listener)
  }

  /** The listener of the brokers among themselves isn't held up by clients. */
  private isProtected(listener: ListenerTurn): boolean {
    return this.listeners.size > 1 && this.config().topology.interBrokerListener === listener.name
  }

  private ownLimit(listener: ListenerTurn, name: string): number {
    const config = this.config()
    if (!config.isSet(`listener.name.${listener.name.toLowerCase()}.${name}`)) return UNLIMITED
    return Number(config.listenerText(listener.name, name))
  }

  private hasRoom(listener: ListenerTurn): boolean {
    if (listener.open >= this.ownLimit(listener, 'max.connections')) return false
    return this.isProtected(listener) || this.total < this.config().int('max.connections')
  }

  private chargeRates(listener: ListenerTurn, nowMs: number): number {
    const name = 'max.connection.creation.rate'
    const ofListener = this.charge(listener.rate, this.ownLimit(listener, name), nowMs)
    if (this.isProtected(listener)) return ofListener
    return Math.max(ofListener, this.charge(this.rate, this.config().int(name), nowMs))
  }

  private charge(rate: Rate, limit: number, nowMs: number): number {
    if (limit >= UNLIMITED) return 0
    rate.record(this.window, 1, nowMs)
    return Math.min(throttleTimeMs(rate, this.window, limit, nowMs), this.window.windowMs)
  }

  /** Takes the connection at the front of the line; if it is accepted, `release` must follow when it is gone. */
  admit(listenerName: string, address: string): Admission {
    const listener = this.listeners.get(listenerName)
    if (listener) listener.readyMs = undefined
    const closeAfterMs = this.chargeAddress(address)
    if (closeAfterMs > 0) return { kind: 'too-fast', closeAfterMs }
    const config = this.config()
    const limit = connectionsPerIpOverrides(config).get(address) ?? config.int('max.connections.per.ip')
    const open = this.byAddress.get(address) ?? 0
    if (open >= limit) return { kind: 'too-many', limit }
    this.byAddress.set(address, open + 1)
    this.total++
    if (listener) listener.open++
    return { kind: 'accept' }
  }

  private chargeAddress(address: string): number {
    if (this.addressLimits.size === 0) return 0
    const limit = this.addressLimits.get(address) ?? this.addressLimits.get(null)
    if (limit === undefined) return 0
    const rate = this.addressRates.get(address) ?? new Rate()
    this.addressRates.delete(address)
    this.addressRates.set(address, rate)
    if (this.addressRates.size > MAX_ADDRESSES) {
      for (const oldest of this.addressRates.keys()) {
        this.addressRates.delete(oldest)
        break
      }
    }
    const nowMs = Math.floor(this.clock.monotonicMs())
    const waitMs = this.charge(rate, limit, nowMs)
    // It isn't let in, so it doesn't count.
    if (waitMs > 0) rate.record(this.window, -1, nowMs)
    return waitMs
  }

  /** An accepted connection is gone. */
  release(listenerName: string, address: string): void {
    const listener = this.listeners.get(listenerName)
    if (listener) listener.open--
    this.total--
    const left = (this.byAddress.get(address) ?? 1) - 1
    if (left === 0) this.byAddress.delete(address)
    else this.byAddress.set(address, left)
    this.wakeAll()
  }

  /** Limits may have changed: whoever waits may come in now. */
  wakeAll(): void {
    for (const listener of this.listeners.values()) listener.wake()
  }
}
