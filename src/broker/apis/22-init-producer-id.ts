/**
 * InitProducerId: v0-5 without a transactional id, which makes a producer idempotent.
 *
 * - Each call gets a new id with epoch 0, from a block reserved in the metadata log.
 * - A transactional id needs the transaction coordinator, which this broker does not have yet: COORDINATOR_NOT_AVAILABLE.
 * - v6 (two-phase commit, KIP-939) is in the schema but unstable in 4.3 and not offered.
 */
import { ErrorCode } from '../../protocol/errors.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/generated/22-init-producer-id.ts'
import { defineApi } from '../define-api.ts'

export const initProducerId = defineApi({
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
  min: 0,
  max: 5,
  async handle({ services }, request) {
    if (request.transactionalId === '') return { errorCode: ErrorCode.INVALID_REQUEST }
    if (request.transactionalId !== null) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
    return { producerId: BigInt(await services.producerIds.next()), producerEpoch: 0 }
  },
  failure: (_request, errorCode) => ({ errorCode, producerId: -1n, producerEpoch: -1 }),
})
