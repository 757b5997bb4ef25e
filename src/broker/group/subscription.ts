import { ConsumerProtocolSubscription } from '../../protocol/generated/data/consumer-protocol-subscription.ts'
import { MalformedMessageError, Reader } from '../../protocol/reader.ts'
import type { ClassicGroup } from './classic-group.ts'

/** The protocol type of consumers; Connect's is 'connect', Schema Registry's 'sr'. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer'

/**
 * The topics a group's members read, as far as the broker can know: only consumers' metadata has a known form.
 *
 * @returns null when unknown: another protocol type, or metadata that doesn't parse
 */
export function subscribedTopics(group: ClassicGroup): ReadonlySet<string> | null {
  if (group.protocolType !== CONSUMER_PROTOCOL_TYPE) return null
  const topics = new Set<string>()
  if (group.members.size === 0) return topics
  if (group.protocolName === null) return null
  for (const member of group.members.values()) {
    const metadata = member.metadata(group.protocolName)
    if (metadata === undefined) return null
    try {
      const reader = new Reader(metadata)
      reader.int16()
      // Version 0 is the common prefix of all versions, so it reads newer ones too.
      for (const topic of ConsumerProtocolSubscription.read(reader, 0).topics) topics.add(topic)
    } catch (error) {
      if (error instanceof MalformedMessageError) return null
      throw error
    }
  }
  return topics
}
