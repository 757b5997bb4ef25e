/** The configs streams groups depend on; read anew at each use, so dynamic ones take effect. */
export interface StreamsGroupSettings {
  /** group.streams.max.size */
  readonly maxSize: number
}

/** The configs that each group can have of its own. */
export interface StreamsGroupConfig {
  /** streams.session.timeout.ms */
  readonly sessionTimeoutMs: number
  /** streams.heartbeat.interval.ms */
  readonly heartbeatIntervalMs: number
  /** streams.num.standby.replicas */
  readonly numStandbyReplicas: number
  /** streams.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number
  /** streams.assignment.interval.ms */
  readonly assignmentIntervalMs: number
}

/** What streams groups need of the broker beyond what consumer groups do. */
export interface StreamsGroupContext {
  settings(): StreamsGroupSettings
  groupConfig(groupId: string): StreamsGroupConfig
}
