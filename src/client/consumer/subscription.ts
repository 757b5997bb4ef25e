import { errorName } from '../../protocol/errors.ts'
import { pause } from '../backoff.ts'
import type { Cluster } from '../cluster.ts'
import type { ConsumerSettings } from './settings.ts'

/** Topics, or a pattern the client resolves. */
export type TopicSelection = ({ topics: readonly string[] } | { pattern: RegExp }) & {
  /** The group was made up for this consumer alone: joining it changes nothing for anybody. */
  isOwnGroup?: boolean
}

/** What a consumer may subscribe to; a pattern may also be left to the broker (KIP-848). */
export type Subscription = TopicSelection | { serverPattern: string }

/** Keeps the metadata of the subscribed topics fresh, and with a pattern the list of topics itself. */
export class SubscribedTopics {
  private readonly cluster: Cluster
  private readonly settings: ConsumerSettings
  private readonly subscription: Subscription
  private readonly onChange: () => void
  private readonly onWake: () => void
  private matched: string[] = []
  private resolved = false
  private warned = false
  private refreshing: Promise<void> | null = null
  private refreshedAtMs = Number.NEGATIVE_INFINITY

  /**
   * @param onChange called when the list of topics has changed
   * @param onWake called when `poll` should be called again
   */
  constructor(
    cluster: Cluster,
    settings: ConsumerSettings,
    subscription: Subscription,
    onChange: () => void,
    onWake: () => void,
  ) {
    this.onWake = onWake
    this.cluster = cluster
    this.settings = settings
    this.subscription = subscription
    this.onChange = onChange
  }

  get serverPattern(): string | null {
    return 'serverPattern' in this.subscription ? this.subscription.serverPattern : null
  }

  /** The topics, as far as known. */
  list(): string[] {
    return 'topics' in this.subscription ? [...this.subscription.topics] : [...this.matched]
  }

  /** False before the first metadata of a pattern: nothing is known to join with. */
  get isKnown(): boolean {
    return !('pattern' in this.subscription) || this.resolved
  }

  /** Refreshes the metadata when it is older than metadata.max.age.ms; returns at once. */
  poll(): void {
    const ageMs = performance.now() - this.refreshedAtMs
    if (ageMs < this.settings.metadataMaxAgeMs || this.refreshing !== null) return
    this.refreshing = this.refresh().finally(() => {
      this.refreshing = null
    })
  }

  private async refresh(): Promise<void> {
    const { subscription } = this
    const named = 'topics' in subscription ? subscription.topics : null
    const allowAutoTopicCreation = named !== null && this.settings.allowAutoCreateTopics
    try {
      await this.cluster.refresh(named, { allowAutoTopicCreation })
      this.refreshedAtMs = performance.now()
    } catch (error) {
      this.cluster.noteRetriable(error)
      await pause(this.settings.retryBackoffMs, this.cluster.closeSignal)
      this.onWake()
      return
    }
    const before = this.matched.join('\0')
    const first = !this.resolved
    this.resolved = true
    if ('pattern' in subscription) this.matched = this.match(subscription.pattern)
    if (named !== null) this.lookAgainForMissing(named)
    // Named topics are known from the start; a pattern has nothing to join with before its first match.
    if (named === null && (first || before !== this.matched.join('\0'))) this.onChange()
    else this.onWake()
  }

  private match(pattern: RegExp): string[] {
    const matched: string[] = []
    for (const { name, internal } of this.cluster.metadata.topics.values()) {
      pattern.lastIndex = 0
      if (!(internal && this.settings.excludeInternalTopics) && pattern.test(name)) matched.push(name)
    }
    return matched.sort()
  }

  private lookAgainForMissing(names: readonly string[]): void {
    const { topics } = this.cluster.metadata
    const missing = names.filter((name) => topics.get(name)?.errorCode !== 0)
    if (missing.length === 0) return
    if (!this.warned) {
      const texts = missing.map((name) => `${name}=${errorName(topics.get(name)?.errorCode ?? 3)}`)
      this.settings.warn(`Error while fetching metadata: {${texts.join(', ')}}`)
      this.warned = true
    }
    // They may be there in a moment: look again soon instead of after metadata.max.age.ms.
    const soonMs = Math.max(this.settings.retryBackoffMs, 250)
    this.refreshedAtMs = performance.now() - this.settings.metadataMaxAgeMs + soonMs
    setTimeout(() => this.onWake(), soonMs).unref()
  }
}
