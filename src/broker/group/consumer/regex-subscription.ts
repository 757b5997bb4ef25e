import { ErrorCode, KafkaError } from '../../../protocol/errors.ts'
import type { GroupClient } from '../group-context.ts'
import { Re2 } from '../regex/re2.ts'
import { Re2SyntaxError } from '../regex/re2-error.ts'
import type { ConsumerGroupContext } from './consumer-context.ts'
import { type ConsumerGroup, type ResolvedRegex, subscribedTopics } from './consumer-group.ts'
import type { ConsumerMember } from './consumer-member.ts'
import { sameNames } from './consumer-member.ts'
import { type ConsumerGroupRecord, RecordMaker } from './consumer-records.ts'
import { metadataHash } from './metadata-hash.ts'

/** A group's regular expressions are resolved no more often than that. */
export const MIN_REFRESH_INTERVAL_MS = 10_000
/** Topics matched before other work gets its turn. */
const TOPICS_PER_TURN = 500

/** @throws KafkaError INVALID_REGULAR_EXPRESSION */
export function checkRegex(regex: string): void {
  try {
    new Re2(regex)
  } catch (error) {
    if (!(error instanceof Re2SyntaxError)) throw error
    const message = `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${error.message}.`
    throw new KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION, message)
  }
}

/** True when the topics of a changed regular expression are known already, so that they can be assigned at once. */
export function regexIsResolved(group: ConsumerGroup, before: ConsumerMember, after: ConsumerMember): boolean {
  const regex = after.subscribedTopicRegex
  if (regex === '') return before.subscribedTopicRegex !== ''
  return group.regexSubscribers(regex) > 0 && group.regexes.has(regex)
}

/** Whether a group's regular expressions have to be resolved now, with all its members as they are. */
export function needsRefresh(
  group: ConsumerGroup,
  input: { nowMs: number; refreshIntervalMs: number; newestTopicOffset: number },
): boolean {
  const regexes = subscribedRegexes(group)
  if (regexes.size === 0) return false
  let lastMs = Number.NEGATIVE_INFINITY
  let version = 0
  for (const resolved of group.regexes.values()) {
    if (resolved.timestampMs < lastMs) continue
    lastMs = resolved.timestampMs
    version = resolved.version
  }
  const { nowMs, refreshIntervalMs, newestTopicOffset } = input
  if (nowMs <= lastMs + MIN_REFRESH_INTERVAL_MS) return false
  for (const regex of regexes) if (!group.regexes.has(regex)) return true
  return version < newestTopicOffset || nowMs > lastMs + refreshIntervalMs
}

/** The regular expressions that members subscribe to. */
export function subscribedRegexes(group: ConsumerGroup): Set<string> {
  const regexes = new Set<string>()
  for (const { subscribedTopicRegex } of group.members.values()) {
    if (subscribedTopicRegex !== '') regexes.add(subscribedTopicRegex)
  }
  return regexes
}

/**
 * Finds the topics that regular expressions stand for; takes several turns of the event loop if there are many.
 *
 * @param describable of the topics, those that whoever asks may know of; the others are left out
 */
export async function resolveRegexes(
  consumer: ConsumerGroupContext,
  regexes: ReadonlySet<string>,
  nowMs: number,
  describable: GroupClient['describable'],
): Promise<Map<string, ResolvedRegex>> {
  const version = consumer.metadataOffset()
  const resolved = new Map<string, ResolvedRegex>()
  const names = [...consumer.topics.topicNames()]
  for (const regex of regexes) {
    const matcher = new Re2(regex)
    const topics = new Set<string>()
    for (const [i, name] of names.entries()) {
      if (i % TOPICS_PER_TURN === TOPICS_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve))
      if (matcher.matches(name)) topics.add(name)
    }
    resolved.set(regex, { topics: new Set(describable?.(topics) ?? topics), version, timestampMs: nowMs })
  }
  return resolved
}

/** The records that make resolved regular expressions the group's; the epoch is bumped when they changed anything. */
export function regexResultRecords(
  consumer: ConsumerGroupContext,
  group: ConsumerGroup,
  resolved: ReadonlyMap<string, ResolvedRegex>,
): ConsumerGroupRecord[] {
  const make = new RecordMaker(group.groupId)
  const regexes = new Map(group.regexes)
  const records: ConsumerGroupRecord[] = []
  let changed = false
  for (const [regex, result] of resolved) {
    if (group.regexSubscribers(regex) === 0) continue
    if (!sameNames(group.regexes.get(regex)?.topics ?? new Set(), result.topics)) changed = true
    regexes.set(regex, result)
    records.push(make.regex(regex, result))
  }
  if (records.length === 0) return records
  const hash = metadataHash(consumer.topics, subscribedTopics(group.members.values(), regexes))
  if (changed || hash !== group.metadataHash) records.push(make.epoch(group.groupEpoch + 1, hash))
  return records
}
