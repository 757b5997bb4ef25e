import type { MessageCodec } from '../protocol/codec.ts'
import type { ApiVersionsResponse } from '../protocol/generated/18-api-versions.ts'
import { ClientError } from './client-error.ts'

/** The versions one broker offers, and its finalized features. */
export class ApiVersionRanges {
  private readonly ranges = new Map<number, { min: number; max: number }>()
  readonly finalizedFeatures: ReadonlyMap<string, number>

  constructor(response: ApiVersionsResponse) {
    for (const { apiKey, minVersion, maxVersion } of response.apiKeys) {
      this.ranges.set(apiKey, { min: minVersion, max: maxVersion })
    }
    this.finalizedFeatures = new Map(response.finalizedFeatures.map((f) => [f.name, f.maxVersionLevel]))
  }

  /** The broker's range of an API; undefined when it does not have it. */
  range(apiKey: number): { min: number; max: number } | undefined {
    return this.ranges.get(apiKey)
  }

  /** Highest version both sides have, at most `cap`; -1 when there is none. */
  highest(codec: MessageCodec<unknown>, cap = codec.maxVersion): number {
    const range = this.ranges.get(codec.apiKey)
    if (range === undefined) return -1
    const version = Math.min(range.max, codec.maxVersion, cap)
    return version >= range.min && version >= codec.minVersion ? version : -1
  }

  /**
   * Highest version both sides have, at most `cap`.
   *
   * @throws ClientError 'unsupported-version', naming both ranges.
   */
  pick(codec: MessageCodec<unknown>, cap = codec.maxVersion): number {
    const version = this.highest(codec, cap)
    if (version >= 0) return version
    const api = codec.name.replace(/Request$/, '')
    const range = this.ranges.get(codec.apiKey)
    if (range === undefined) {
      throw new ClientError('unsupported-version', `The node does not support ${snake(api)}`, {
        nextStep: 'This needs a newer broker; `kt broker-api-versions` lists what this one has.',
      })
    }
    throw new ClientError(
      'unsupported-version',
      `The node does not support ${snake(api)} with version in range [${codec.minVersion},${cap}]. The supported range is [${range.min},${range.max}].`,
      { nextStep: 'Client and broker are too far apart: use versions of Kafka that overlap.' },
    )
  }
}

const snake = (name: string): string => name.replace(/(?<=[a-z])[A-Z]/g, '_$&').toUpperCase()
