import type { AnyApi } from './define-api.ts'

/** What one API was asked. */
export interface ApiCounts {
  requests: number
  /** Time from the whole request being there to its answer being written, in ms. */
  totalMs: number
}

/** What one topic's clients moved. */
export interface TopicCounts {
  bytesIn: number
  bytesOut: number
  produceRequests: number
  fetchRequests: number
  failedProduceRequests: number
}

/** Counters of a running broker: plain numbers, so that keeping them costs next to nothing. They start at 0 with the broker. */
export class BrokerMetrics {
  readonly apis = new Map<string, ApiCounts>()
  readonly topics = new Map<string, TopicCounts>()
  connectionsAccepted = 0
  connectionsRefused = 0
  malformedRequests = 0

  answered(api: AnyApi, elapsedMs: number): void {
    const name = api.request.name.replace(/Request$/, '')
    let counts = this.apis.get(name)
    if (!counts) {
      counts = { requests: 0, totalMs: 0 }
      this.apis.set(name, counts)
    }
    counts.requests++
    counts.totalMs += elapsedMs
  }

  /** Counters of a topic; only for topics that exist, so that their number is bounded by the topics'. */
  topic(name: string): TopicCounts {
    let counts = this.topics.get(name)
    if (!counts) {
      counts = { bytesIn: 0, bytesOut: 0, produceRequests: 0, fetchRequests: 0, failedProduceRequests: 0 }
      this.topics.set(name, counts)
    }
    return counts
  }

  /** Forgets a deleted topic. */
  topicRemoved(name: string): void {
    this.topics.delete(name)
  }
}
