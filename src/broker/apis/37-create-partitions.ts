/**
 * CreatePartitions: raises a topic's partition count; v0-3. The count is the total wanted, not the number to add. Needs ALTER on the topic.
 */

import type { Draft } from '../../protocol/codec.ts'
import { ErrorCode, errorInfo, KafkaError } from '../../protocol/errors.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../protocol/generated/37-create-partitions.ts'
import { AclOperation, allowedTopics } from '../authorizer/authorizer.ts'
import { defineApi } from '../define-api.ts'

/** THROTTLING_QUOTA_EXCEEDED is known from here on (KIP-599). */
const STRICT_QUOTA_FROM = 3

export const createPartitions = defineApi({
  request: CreatePartitionsRequest,
  response: CreatePartitionsResponse,
  min: 0,
  max: 3,
  async handle(context, request) {
    const { services, quota, version } = context
    const charge = (partitions: number): void => quota?.chargeMutations(partitions, version >= STRICT_QUOTA_FROM)
    const counts = new Map<string, number>()
    for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
    const results: Draft<CreatePartitionsResponse['results'][number]>[] = []
    for (const [name, count] of counts) {
      if (count > 1) results.push({ name, errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'Duplicate topic name.' })
    }
    const single = request.topics.filter(({ name }) => counts.get(name) === 1)
    const names = single.map(({ name }) => name)
    const alterable = allowedTopics(context, AclOperation.ALTER, names)
    for (const topic of single) {
      if (!alterable.has(topic.name)) {
        results.push({ name: topic.name, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: null })
        continue
      }
      const assignments = topic.assignments?.map((assignment) => assignment.brokerIds) ?? null
      try {
        await services.controller.createPartitions(topic.name, topic.count, assignments, request.validateOnly, charge)
        results.push({ name: topic.name, errorMessage: null })
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        // Kafka leaves out what the code says by itself.
        const errorMessage = error.message === errorInfo(error.code).message ? null : error.message
        results.push({ name: topic.name, errorCode: error.code, errorMessage })
      }
    }
    return { results }
  },
  failure: (request, errorCode, errorMessage) => ({
    results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage })),
  }),
})
