/**
 * Kafka's error codes: what a response's int16 `errorCode` means, with the default message and the exception class
 * of the Java client (org.apache.kafka.common.protocol.Errors, Kafka 4.3).
 */

/**
 * How a client may react: `fatal` errors don't go away by retrying, `retriable` ones may, and `metadata` ones are
 * retriable after the client has refreshed its metadata (Java's InvalidMetadataException).
 */
export type ErrorKind = 'fatal' | 'retriable' | 'metadata'

type ErrorRow = readonly [code: number, kind: ErrorKind, exception: string | null, message: string]

// biome-ignore format: one line per error
const TABLE = {
  UNKNOWN_SERVER_ERROR: [-1, 'fatal', 'UnknownServerException', 'The server experienced an unexpected error when processing the request.'],
  NONE: [0, 'fatal', null, 'NONE'],
  OFFSET_OUT_OF_RANGE: [1, 'fatal', 'OffsetOutOfRangeException', 'The requested offset is not within the range of offsets maintained by the server.'],
  CORRUPT_MESSAGE: [2, 'retriable', 'CorruptRecordException', 'This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt.'],
  UNKNOWN_TOPIC_OR_PARTITION: [3, 'metadata', 'UnknownTopicOrPartitionException', 'This server does not host this topic-partition.'],
  INVALID_FETCH_SIZE: [4, 'fatal', 'InvalidFetchSizeException', 'The requested fetch size is invalid.'],
  LEADER_NOT_AVAILABLE: [5, 'metadata', 'LeaderNotAvailableException', 'There is no leader for this topic-partition as we are in the middle of a leadership election.'],
  NOT_LEADER_OR_FOLLOWER: [6, 'metadata', 'NotLeaderOrFollowerException', 'For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.'],
  REQUEST_TIMED_OUT: [7, 'retriable', 'TimeoutException', 'The request timed out.'],
  BROKER_NOT_AVAILABLE: [8, 'fatal', 'BrokerNotAvailableException', 'The broker is not available.'],
  REPLICA_NOT_AVAILABLE: [9, 'metadata', 'ReplicaNotAvailableException', 'The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition.'],
  MESSAGE_TOO_LARGE: [10, 'fatal', 'RecordTooLargeException', 'The request included a message larger than the max message size the server will accept.'],
  STALE_CONTROLLER_EPOCH: [11, 'fatal', 'ControllerMovedException', 'The controller moved to another broker.'],
  OFFSET_METADATA_TOO_LARGE: [12, 'fatal', 'OffsetMetadataTooLarge', 'The metadata field of the offset request was too large.'],
  NETWORK_EXCEPTION: [13, 'metadata', 'NetworkException', 'The server disconnected before a response was received.'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, 'retriable', 'CoordinatorLoadInProgressException', "The coordinator is loading and hence can't process requests."],
  COORDINATOR_NOT_AVAILABLE: [15, 'retriable', 'CoordinatorNotAvailableException', 'The coordinator is not available.'],
  NOT_COORDINATOR: [16, 'retriable', 'NotCoordinatorException', 'This is not the correct coordinator.'],
  INVALID_TOPIC_EXCEPTION: [17, 'fatal', 'InvalidTopicException', 'The request attempted to perform an operation on an invalid topic.'],
  RECORD_LIST_TOO_LARGE: [18, 'fatal', 'RecordBatchTooLargeException', 'The request included message batch larger than the configured segment size on the server.'],
  NOT_ENOUGH_REPLICAS: [19, 'retriable', 'NotEnoughReplicasException', 'Messages are rejected since there are fewer in-sync replicas than required.'],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [20, 'retriable', 'NotEnoughReplicasAfterAppendException', 'Messages are written to the log, but to fewer in-sync replicas than required.'],
  INVALID_REQUIRED_ACKS: [21, 'fatal', 'InvalidRequiredAcksException', 'Produce request specified an invalid value for required acks.'],
  ILLEGAL_GENERATION: [22, 'fatal', 'IllegalGenerationException', 'Specified group generation id is not valid.'],
  INCONSISTENT_GROUP_PROTOCOL: [23, 'fatal', 'InconsistentGroupProtocolException', "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list."],
  INVALID_GROUP_ID: [24, 'fatal', 'InvalidGroupIdException', 'The group id is invalid.'],
  UNKNOWN_MEMBER_ID: [25, 'fatal', 'UnknownMemberIdException', 'The coordinator is not aware of this member.'],
  INVALID_SESSION_TIMEOUT: [26, 'fatal', 'InvalidSessionTimeoutException', 'The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).'],
  REBALANCE_IN_PROGRESS: [27, 'fatal', 'RebalanceInProgressException', 'The group is rebalancing, so a rejoin is needed.'],
  INVALID_COMMIT_OFFSET_SIZE: [28, 'fatal', 'InvalidCommitOffsetSizeException', 'The committing offset data size is not valid.'],
  TOPIC_AUTHORIZATION_FAILED: [29, 'fatal', 'TopicAuthorizationException', 'Topic authorization failed.'],
  GROUP_AUTHORIZATION_FAILED: [30, 'fatal', 'GroupAuthorizationException', 'Group authorization failed.'],
  CLUSTER_AUTHORIZATION_FAILED: [31, 'fatal', 'ClusterAuthorizationException', 'Cluster authorization failed.'],
  INVALID_TIMESTAMP: [32, 'fatal', 'InvalidTimestampException', 'The timestamp of the message is out of acceptable range.'],
  UNSUPPORTED_SASL_MECHANISM: [33, 'fatal', 'UnsupportedSaslMechanismException', 'The broker does not support the requested SASL mechanism.'],
  ILLEGAL_SASL_STATE: [34, 'fatal', 'IllegalSaslStateException', 'Request is not valid given the current SASL state.'],
  UNSUPPORTED_VERSION: [35, 'fatal', 'UnsupportedVersionException', 'The version of API is not supported.'],
  TOPIC_ALREADY_EXISTS: [36, 'fatal', 'TopicExistsException', 'Topic with this name already exists.'],
  INVALID_PARTITIONS: [37, 'fatal', 'InvalidPartitionsException', 'Number of partitions is below 1.'],
  INVALID_REPLICATION_FACTOR: [38, 'fatal', 'InvalidReplicationFactorException', 'Replication factor is below 1 or larger than the number of available brokers.'],
  INVALID_REPLICA_ASSIGNMENT: [39, 'fatal', 'InvalidReplicaAssignmentException', 'Replica assignment is invalid.'],
  INVALID_CONFIG: [40, 'fatal', 'InvalidConfigurationException', 'Configuration is invalid.'],
  NOT_CONTROLLER: [41, 'retriable', 'NotControllerException', 'This is not the correct controller for this cluster.'],
  INVALID_REQUEST: [42, 'fatal', 'InvalidRequestException', 'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [43, 'fatal', 'UnsupportedForMessageFormatException', 'The message format version on the broker does not support the request.'],
  POLICY_VIOLATION: [44, 'fatal', 'PolicyViolationException', 'Request parameters do not satisfy the configured policy.'],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, 'fatal', 'OutOfOrderSequenceException', 'The broker received an out of order sequence number.'],
  DUPLICATE_SEQUENCE_NUMBER: [46, 'fatal', 'DuplicateSequenceException', 'The broker received a duplicate sequence number.'],
  INVALID_PRODUCER_EPOCH: [47, 'fatal', 'InvalidProducerEpochException', 'Producer attempted to produce with an old epoch.'],
  INVALID_TXN_STATE: [48, 'fatal', 'InvalidTxnStateException', 'The producer attempted a transactional operation in an invalid state.'],
  INVALID_PRODUCER_ID_MAPPING: [49, 'fatal', 'InvalidPidMappingException', 'The producer attempted to use a producer id which is not currently assigned to its transactional id.'],
  INVALID_TRANSACTION_TIMEOUT: [50, 'fatal', 'InvalidTxnTimeoutException', 'The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms).'],
  CONCURRENT_TRANSACTIONS: [51, 'retriable', 'ConcurrentTransactionsException', 'The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing.'],
  TRANSACTION_COORDINATOR_FENCED: [52, 'fatal', 'TransactionCoordinatorFencedException', 'Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer.'],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [53, 'fatal', 'TransactionalIdAuthorizationException', 'Transactional Id authorization failed.'],
  SECURITY_DISABLED: [54, 'fatal', 'SecurityDisabledException', 'Security features are disabled.'],
  OPERATION_NOT_ATTEMPTED: [55, 'fatal', 'OperationNotAttemptedException', 'The broker did not attempt to execute this operation. This may happen for batched RPCs where some operations in the batch failed, causing the broker to respond without trying the rest.'],
  KAFKA_STORAGE_ERROR: [56, 'metadata', 'KafkaStorageException', 'Disk error when trying to access log file on the disk.'],
  LOG_DIR_NOT_FOUND: [57, 'fatal', 'LogDirNotFoundException', 'The user-specified log directory is not found in the broker config.'],
  SASL_AUTHENTICATION_FAILED: [58, 'fatal', 'SaslAuthenticationException', 'SASL Authentication failed.'],
  UNKNOWN_PRODUCER_ID: [59, 'fatal', 'UnknownProducerIdException', "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception."],
  REASSIGNMENT_IN_PROGRESS: [60, 'fatal', 'ReassignmentInProgressException', 'A partition reassignment is in progress.'],
  DELEGATION_TOKEN_AUTH_DISABLED: [61, 'fatal', 'DelegationTokenDisabledException', 'Delegation Token feature is not enabled.'],
  DELEGATION_TOKEN_NOT_FOUND: [62, 'fatal', 'DelegationTokenNotFoundException', 'Delegation Token is not found on server.'],
  DELEGATION_TOKEN_OWNER_MISMATCH: [63, 'fatal', 'DelegationTokenOwnerMismatchException', 'Specified Principal is not valid Owner/Renewer.'],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: [64, 'fatal', 'UnsupportedByAuthenticationException', 'Delegation Token requests are not allowed on PLAINTEXT/1-way SSL channels and on delegation token authenticated channels.'],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: [65, 'fatal', 'DelegationTokenAuthorizationException', 'Delegation Token authorization failed.'],
  DELEGATION_TOKEN_EXPIRED: [66, 'fatal', 'DelegationTokenExpiredException', 'Delegation Token is expired.'],
  INVALID_PRINCIPAL_TYPE: [67, 'fatal', 'InvalidPrincipalTypeException', 'Supplied principalType is not supported.'],
  NON_EMPTY_GROUP: [68, 'fatal', 'GroupNotEmptyException', 'The group is not empty.'],
  GROUP_ID_NOT_FOUND: [69, 'fatal', 'GroupIdNotFoundException', 'The group id does not exist.'],
  FETCH_SESSION_ID_NOT_FOUND: [70, 'retriable', 'FetchSessionIdNotFoundException', 'The fetch session ID was not found.'],
  INVALID_FETCH_SESSION_EPOCH: [71, 'retriable', 'InvalidFetchSessionEpochException', 'The fetch session epoch is invalid.'],
  LISTENER_NOT_FOUND: [72, 'metadata', 'ListenerNotFoundException', 'There is no listener on the leader broker that matches the listener on which metadata request was processed.'],
  TOPIC_DELETION_DISABLED: [73, 'fatal', 'TopicDeletionDisabledException', 'Topic deletion is disabled.'],
  FENCED_LEADER_EPOCH: [74, 'metadata', 'FencedLeaderEpochException', 'The leader epoch in the request is older than the epoch on the broker.'],
  UNKNOWN_LEADER_EPOCH: [75, 'retriable', 'UnknownLeaderEpochException', 'The leader epoch in the request is newer than the epoch on the broker.'],
  UNSUPPORTED_COMPRESSION_TYPE: [76, 'fatal', 'UnsupportedCompressionTypeException', 'The requesting client does not support the compression type of given partition.'],
  STALE_BROKER_EPOCH: [77, 'fatal', 'StaleBrokerEpochException', 'Broker epoch has changed.'],
  OFFSET_NOT_AVAILABLE: [78, 'retriable', 'OffsetNotAvailableException', 'The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.'],
  MEMBER_ID_REQUIRED: [79, 'fatal', 'MemberIdRequiredException', 'The group member needs to have a valid member id before actually entering a consumer group.'],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, 'metadata', 'PreferredLeaderNotAvailableException', 'The preferred leader was not available.'],
  GROUP_MAX_SIZE_REACHED: [81, 'fatal', 'GroupMaxSizeReachedException', 'The group has reached its maximum size.'],
  FENCED_INSTANCE_ID: [82, 'fatal', 'FencedInstanceIdException', 'The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [83, 'metadata', 'EligibleLeadersNotAvailableException', 'Eligible topic partition leaders are not available.'],
  ELECTION_NOT_NEEDED: [84, 'metadata', 'ElectionNotNeededException', 'Leader election not needed for topic partition.'],
  NO_REASSIGNMENT_IN_PROGRESS: [85, 'fatal', 'NoReassignmentInProgressException', 'No partition reassignment is in progress.'],
  GROUP_SUBSCRIBED_TO_TOPIC: [86, 'fatal', 'GroupSubscribedToTopicException', 'Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.'],
  INVALID_RECORD: [87, 'fatal', '.InvalidRecordException', 'This record has failed the validation on broker and hence will be rejected.'],
  UNSTABLE_OFFSET_COMMIT: [88, 'retriable', 'UnstableOffsetCommitException', 'There are unstable offsets that need to be cleared.'],
  THROTTLING_QUOTA_EXCEEDED: [89, 'retriable', 'ThrottlingQuotaExceededException', 'The throttling quota has been exceeded.'],
  PRODUCER_FENCED: [90, 'fatal', 'ProducerFencedException', 'There is a newer producer with the same transactionalId which fences the current one.'],
  RESOURCE_NOT_FOUND: [91, 'fatal', 'ResourceNotFoundException', 'A request illegally referred to a resource that does not exist.'],
  DUPLICATE_RESOURCE: [92, 'fatal', 'DuplicateResourceException', 'A request illegally referred to the same resource twice.'],
  UNACCEPTABLE_CREDENTIAL: [93, 'fatal', 'UnacceptableCredentialException', 'Requested credential would not meet criteria for acceptability.'],
  INCONSISTENT_VOTER_SET: [94, 'fatal', 'InconsistentVoterSetException', 'Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters.'],
  INVALID_UPDATE_VERSION: [95, 'fatal', 'InvalidUpdateVersionException', 'The given update version was invalid.'],
  FEATURE_UPDATE_FAILED: [96, 'fatal', 'FeatureUpdateFailedException', 'Unable to update finalized features due to an unexpected server error.'],
  PRINCIPAL_DESERIALIZATION_FAILURE: [97, 'fatal', 'PrincipalDeserializationException', 'Request principal deserialization failed during forwarding. This indicates an internal error on the broker cluster security setup.'],
  SNAPSHOT_NOT_FOUND: [98, 'fatal', 'SnapshotNotFoundException', 'Requested snapshot was not found.'],
  POSITION_OUT_OF_RANGE: [99, 'fatal', 'PositionOutOfRangeException', 'Requested position is not greater than or equal to zero, and less than the size of the snapshot.'],
  UNKNOWN_TOPIC_ID: [100, 'metadata', 'UnknownTopicIdException', 'This server does not host this topic ID.'],
  DUPLICATE_BROKER_REGISTRATION: [101, 'fatal', 'DuplicateBrokerRegistrationException', 'This broker ID is already in use.'],
  BROKER_ID_NOT_REGISTERED: [102, 'fatal', 'BrokerIdNotRegisteredException', 'The given broker ID was not registered.'],
  INCONSISTENT_TOPIC_ID: [103, 'metadata', 'InconsistentTopicIdException', "The log's topic ID did not match the topic ID in the request."],
  INCONSISTENT_CLUSTER_ID: [104, 'fatal', 'InconsistentClusterIdException', 'The clusterId in the request does not match that found on the server.'],
  TRANSACTIONAL_ID_NOT_FOUND: [105, 'fatal', 'TransactionalIdNotFoundException', 'The transactionalId could not be found.'],
  FETCH_SESSION_TOPIC_ID_ERROR: [106, 'retriable', 'FetchSessionTopicIdException', 'The fetch session encountered inconsistent topic ID usage.'],
  INELIGIBLE_REPLICA: [107, 'fatal', 'IneligibleReplicaException', 'The new ISR contains at least one ineligible replica.'],
  NEW_LEADER_ELECTED: [108, 'fatal', 'NewLeaderElectedException', 'The AlterPartition request successfully updated the partition state but the leader has changed.'],
  OFFSET_MOVED_TO_TIERED_STORAGE: [109, 'fatal', 'OffsetMovedToTieredStorageException', 'The requested offset is moved to tiered storage.'],
  FENCED_MEMBER_EPOCH: [110, 'fatal', 'FencedMemberEpochException', 'The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin.'],
  UNRELEASED_INSTANCE_ID: [111, 'fatal', 'UnreleasedInstanceIdException', 'The instance ID is still used by another member in the consumer group. That member must leave first.'],
  UNSUPPORTED_ASSIGNOR: [112, 'fatal', 'UnsupportedAssignorException', 'The assignor or its version range is not supported by the consumer group.'],
  STALE_MEMBER_EPOCH: [113, 'fatal', 'StaleMemberEpochException', 'The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API.'],
  MISMATCHED_ENDPOINT_TYPE: [114, 'fatal', 'MismatchedEndpointTypeException', 'The request was sent to an endpoint of the wrong type.'],
  UNSUPPORTED_ENDPOINT_TYPE: [115, 'fatal', 'UnsupportedEndpointTypeException', 'This endpoint type is not supported yet.'],
  UNKNOWN_CONTROLLER_ID: [116, 'fatal', 'UnknownControllerIdException', 'This controller ID is not known.'],
  UNKNOWN_SUBSCRIPTION_ID: [117, 'fatal', 'UnknownSubscriptionIdException', 'Client sent a push telemetry request with an invalid or outdated subscription ID.'],
  TELEMETRY_TOO_LARGE: [118, 'fatal', 'TelemetryTooLargeException', 'Client sent a push telemetry request larger than the maximum size the broker will accept.'],
  INVALID_REGISTRATION: [119, 'fatal', 'InvalidRegistrationException', 'The controller has considered the broker registration to be invalid.'],
  TRANSACTION_ABORTABLE: [120, 'fatal', 'TransactionAbortableException', 'The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID.'],
  INVALID_RECORD_STATE: [121, 'fatal', 'InvalidRecordStateException', 'The record state is invalid. The acknowledgement of delivery could not be completed.'],
  SHARE_SESSION_NOT_FOUND: [122, 'retriable', 'ShareSessionNotFoundException', 'The share session was not found.'],
  INVALID_SHARE_SESSION_EPOCH: [123, 'retriable', 'InvalidShareSessionEpochException', 'The share session epoch is invalid.'],
  FENCED_STATE_EPOCH: [124, 'fatal', 'FencedStateEpochException', 'The share coordinator rejected the request because the share-group state epoch did not match.'],
  INVALID_VOTER_KEY: [125, 'fatal', 'InvalidVoterKeyException', "The voter key doesn't match the receiving replica's key."],
  DUPLICATE_VOTER: [126, 'fatal', 'DuplicateVoterException', 'The voter is already part of the set of voters.'],
  VOTER_NOT_FOUND: [127, 'fatal', 'VoterNotFoundException', 'The voter is not part of the set of voters.'],
  INVALID_REGULAR_EXPRESSION: [128, 'fatal', 'InvalidRegularExpression', 'The regular expression is not valid.'],
  REBOOTSTRAP_REQUIRED: [129, 'fatal', 'RebootstrapRequiredException', 'Client metadata is stale. The client should rebootstrap to obtain new metadata.'],
  STREAMS_INVALID_TOPOLOGY: [130, 'fatal', 'StreamsInvalidTopologyException', 'The supplied topology is invalid.'],
  STREAMS_INVALID_TOPOLOGY_EPOCH: [131, 'fatal', 'StreamsInvalidTopologyEpochException', 'The supplied topology epoch is invalid.'],
  STREAMS_TOPOLOGY_FENCED: [132, 'fatal', 'StreamsTopologyFencedException', 'The supplied topology epoch is outdated.'],
  SHARE_SESSION_LIMIT_REACHED: [133, 'retriable', 'ShareSessionLimitReachedException', 'The limit of share sessions has been reached.'],
} as const satisfies Record<string, ErrorRow>

/** The name of an error code, such as 'UNKNOWN_TOPIC_OR_PARTITION'. */
export type ErrorName = keyof typeof TABLE

/** Error codes by name: `ErrorCode.UNKNOWN_TOPIC_OR_PARTITION` is 3. */
export const ErrorCode = Object.fromEntries(Object.entries(TABLE).map(([name, row]) => [name, row[0]])) as {
  readonly [Name in ErrorName]: (typeof TABLE)[Name][0]
}

/** The number type of all known error codes; codes off the wire are plain numbers. */
export type ErrorCode = (typeof ErrorCode)[ErrorName]

/** What is known about an error code. */
export interface ErrorInfo {
  readonly code: number
  readonly name: ErrorName
  /** Kafka's default message, used when the broker sent none. */
  readonly message: string
  readonly retriable: boolean
  /** True if the client's metadata is stale and has to be refreshed before a retry. */
  readonly invalidMetadata: boolean
  /** Simple class name of the Java exception, such as 'UnknownTopicOrPartitionException'; null for NONE. */
  readonly exception: string | null
  /** The same with its package, as stack traces and tools print it; null for NONE. */
  readonly exceptionClass: string | null
}

const COMMON_PACKAGE = 'org.apache.kafka.common'

const INFO_BY_CODE = new Map<number, ErrorInfo>(
  Object.entries(TABLE).map(([name, [code, kind, exception, message]]) => [
    code,
    {
      code,
      name: name as ErrorName,
      message,
      retriable: kind !== 'fatal',
      invalidMetadata: kind === 'metadata',
      exception: exception === null ? null : exception.replace(/^\./, ''),
      exceptionClass: exception === null ? null : className(exception),
    },
  ]),
)

/** A leading dot in the table marks a class of the package above `errors`. */
function className(exception: string): string {
  return exception.startsWith('.') ? `${COMMON_PACKAGE}${exception}` : `${COMMON_PACKAGE}.errors.${exception}`
}

/**
 * @param code an error code off the wire
 * @returns what is known about it; an unknown code is described as UNKNOWN_SERVER_ERROR, as Java's clients do
 */
export function errorInfo(code: number): ErrorInfo {
  return INFO_BY_CODE.get(code) ?? INFO_BY_CODE.get(ErrorCode.UNKNOWN_SERVER_ERROR)!
}

/** @returns the name of an error code; codes of a newer Kafka read as UNKNOWN_SERVER_ERROR */
export function errorName(code: number): ErrorName {
  return errorInfo(code).name
}

/**
 * An error a broker answered, or one that a handler inside the broker throws to be answered.
 * `message` is the broker's own text where it sent one, else Kafka's default for the code.
 */
export class KafkaError extends Error {
  readonly code: number
  /** Kafka's name of the error. `name` is the same, so that stack traces show it. */
  readonly errorName: ErrorName
  readonly retriable: boolean
  readonly invalidMetadata: boolean
  /** Java's exception class with package, as Kafka's tools print it. */
  readonly exceptionClass: string
  /** The text the broker sent; null if there was none. */
  readonly brokerMessage: string | null

  /**
   * @param code error code, see {@link ErrorCode}
   * @param brokerMessage the `errorMessage` of the response, if it has one; null and '' mean none
   */
  constructor(code: number, brokerMessage?: string | null, options?: ErrorOptions) {
    const info = errorInfo(code)
    super(brokerMessage || info.message, options)
    this.code = code
    this.name = info.name
    this.errorName = info.name
    this.retriable = info.retriable
    this.invalidMetadata = info.invalidMetadata
    this.exceptionClass = info.exceptionClass ?? `${COMMON_PACKAGE}.KafkaException`
    this.brokerMessage = brokerMessage || null
  }
}

/**
 * @param code error code of a response
 * @param brokerMessage the response's own message, if any
 * @returns nothing if the code is NONE
 * @throws KafkaError otherwise
 */
export function throwIfError(code: number, brokerMessage?: string | null): void {
  if (code !== ErrorCode.NONE) throw new KafkaError(code, brokerMessage)
}
