/** What a heartbeat's answer can say of a group besides its tasks (KIP-1071), by code. */
export const StatusCode = {
  STALE_TOPOLOGY: 0,
  MISSING_SOURCE_TOPICS: 1,
  INCORRECTLY_PARTITIONED_TOPICS: 2,
  MISSING_INTERNAL_TOPICS: 3,
  SHUTDOWN_APPLICATION: 4,
  ASSIGNMENT_DELAYED: 5,
} as const
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode]

export interface Status {
  readonly statusCode: StatusCode
  readonly statusDetail: string
}

/** The topics there are don't fit the topology: its group waits until they do. Not an error of the request. */
export class TopicProblem extends Error {
  readonly status: StatusCode

  constructor(status: StatusCode, detail: string) {
    super(detail)
    this.status = status
  }
}
