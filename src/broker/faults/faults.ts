import { ErrorCode } from '../../protocol/errors.ts'
import type { AnyApi, RequestContext } from '../define-api.ts'
import type { ErrorName, FaultMatch, FaultRule } from './fault-rule.ts'
import { mentions } from './mentions.ts'

/** A rule that is in force. */
export interface ActiveFault {
  readonly rule: FaultRule
  /** Requests struck so far. */
  readonly strikes: number
  /** Takes the rule back; answers that already wait for a delay keep waiting. */
  remove(): void
}

/** A fault that struck a request. */
export type Strike = { when: 'request' | 'response' } & (
  | { kind: 'delay'; delayMs: number }
  | { kind: 'drop' }
  | { kind: 'close' }
  | { kind: 'error'; code: number; name: ErrorName }
)

interface Entry {
  rule: FaultRule
  strikes: number
  seen: number
}

/** 'Fetch' for FetchRequest. */
export const apiName = (api: AnyApi): string => api.request.name.replace(/Request$/, '')

/**
 * Faults on demand, for tests of clients: rules say which requests are delayed, dropped, refused or cut off. The first rule that
 * matches strikes, in the order they were added. Without rules a request costs one look at `isActive`.
 */
export class Faults {
  private readonly entries: Entry[] = []
  private readonly random: () => number

  /** @param random for rules with a probability; a seeded one makes runs repeatable */
  constructor(random: () => number = Math.random) {
    this.random = random
  }

  get isActive(): boolean {
    return this.entries.length > 0
  }

  /** Puts a rule in force, after those there are. */
  add(rule: FaultRule): ActiveFault {
    const entry: Entry = { rule: { ...rule }, strikes: 0, seen: 0 }
    this.entries.push(entry)
    return {
      rule: entry.rule,
      get strikes() {
        return entry.strikes
      },
      remove: () => this.remove(entry),
    }
  }

  /** Takes all rules back. */
  clear(): void {
    this.entries.length = 0
  }

  private remove(entry: Entry): void {
    const at = this.entries.indexOf(entry)
    if (at >= 0) this.entries.splice(at, 1)
  }

  /** What is to happen to a request, if anything. Counts as a strike. */
  strike(api: AnyApi, context: RequestContext, request: unknown): Strike | undefined {
    for (const entry of this.entries) {
      const { rule } = entry
      if (!matches(rule, api, context, request)) continue
      if (entry.seen++ < (rule.skip ?? 0)) continue
      if (rule.probability !== undefined && this.random() >= rule.probability) continue
      entry.strikes++
      if (rule.times !== undefined && entry.strikes >= rule.times) this.remove(entry)
      return strikeOf(rule)
    }
    return undefined
  }
}

function strikeOf(rule: FaultRule): Strike {
  const { when = 'request' } = rule
  switch (rule.kind) {
    case 'delay':
      return { when, kind: 'delay', delayMs: rule.delayMs }
    case 'error':
      return { when, kind: 'error', code: ErrorCode[rule.error], name: rule.error }
    default:
      return { when, kind: rule.kind }
  }
}

function matches(rule: FaultMatch, api: AnyApi, context: RequestContext, request: unknown): boolean {
  if (rule.api !== undefined && rule.api !== apiName(api)) return false
  if (rule.clientId !== undefined && rule.clientId !== context.clientId) return false
  if (rule.principal !== undefined && rule.principal !== context.connection.principal) return false
  if (rule.group !== undefined && !mentions(request, 'group', rule.group)) return false
  if (rule.transactionalId !== undefined && !mentions(request, 'transactionalId', rule.transactionalId)) return false
  if (rule.topic === undefined) return true
  const id = context.services.metadata.topics.get(rule.topic)?.id
  return mentions(request, 'topic', rule.topic) || (id !== undefined && mentions(request, 'topic', id))
}
