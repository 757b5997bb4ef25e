/** A difference that stays. */
export interface Accepted {
  /** Matched against 'Api: case path: kafka | kt'. */
  where: RegExp
  reason: string
}

/** What may differ, and why. src/broker/README.md says it for readers. */
export const ACCEPTED: readonly Accepted[] = [
  {
    where: /^DescribeConfigs: .*documentation: "[^"]*.* \| null$/s,
    reason: "configs have no documentation: Kafka's texts are not part of kt",
  },
  {
    where: /^(AlterConfigs|DescribeConfigs|IncrementalAlterConfigs): logger /,
    reason: 'there are no loggers whose level could be asked for or changed',
  },
  {
    where:
      /errorCode: -1 \| |^IncrementalAlterConfigs: operation .*errorMessage|^CreatePartitions: to 2147483647 .*errorMessage/i,
    reason:
      'what Kafka answers with UNKNOWN_SERVER_ERROR, because it stumbles over it, has an error of its own or is taken',
  },
  {
    where: /^(DescribeShareGroupOffsets: group {2}\.|DescribeUserScramCredentials: users )/,
    reason:
      'what Kafka answers with UNKNOWN_SERVER_ERROR, because it stumbles over it, has an error of its own or is taken',
  },
  {
    where: / : "no answer" \| /,
    reason: 'what Kafka never answers, because its handler dies of it, is answered',
  },
  {
    where: /^Produce: (gzip|zstd) that is not /,
    reason: "compressed records are only looked into where a topic's configs ask for it",
  },
  {
    where: /^Produce: log append time .*32$/,
    reason: 'a producer that claims LogAppendTime is refused; Kafka clears it',
  },
  { where: /^OffsetCommit: topic twice /, reason: 'a topic named twice is answered as one' },
  {
    where: /^CreateTopics: config cleanup\.policy=compact,delete,compact /,
    reason: 'a list is shown without what stands in it twice',
  },
  {
    where: /^Share(Fetch: (bad max records|mode 7|member is no uuid)|GroupHeartbeat: (first|epoch ahead))[ ,]/,
    reason: "share partitions' state is made and read before the first answer, in Kafka behind it",
  },
]
