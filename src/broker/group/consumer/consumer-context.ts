/** The configs consumer groups depend on; read anew at each use, so dynamic ones take effect. */
export interface ConsumerGroupSettings {
  /** group.consumer.assignors, the first is the default */
  readonly assignors: readonly string[]
  /** group.consumer.max.size */
  readonly maxSize: number
  /** group.consumer.migration.policy */
  readonly migrationPolicy: 'disabled' | 'upgrade' | 'downgrade' | 'bidirectional'
  /** group.consumer.regex.refresh.interval.ms */
  readonly regexRefreshIntervalMs: number
}

/** The configs that each group can have of its own. */
export interface ConsumerGroupConfig {
  /** consumer.session.timeout.ms */
  readonly sessionTimeoutMs: number
  /** consumer.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number
  /** consumer.assignment.interval.ms */
  readonly assignmentIntervalMs: number
}

/** Topics as the metadata have them now. */
export interface TopicDescriber {
  /** undefined when there is no such topic. */
  topicId(name: string): string | undefined
  /** undefined when there is no such topic. */
  topicName(topicId: string): string | undefined
  /** 0 when there is no such topic. */
  partitionCount(topicId: string): number
  /** The racks of a partition's replicas; brokers without one are left out. */
  racks(topic: string, partition: number): readonly string[]
  topicNames(): Iterable<string>
}

/** What consumer groups need of the broker beyond what all groups do. */
export interface ConsumerGroupContext {
  settings(): ConsumerGroupSettings
  groupConfig(groupId: string): ConsumerGroupConfig
  readonly topics: TopicDescriber
  /** Offset of the metadata record that made the newest topic; -1 when it is not known. */
  newestTopicOffset(): number
  /** Offset of the newest metadata record this broker has applied. */
  metadataOffset(): number
}
