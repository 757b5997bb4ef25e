/**
 * OffsetDelete: removes committed offsets of topics the group doesn't read; v0.
 */
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/generated/47-offset-delete.ts'
import { defineApi } from '../define-api.ts'

export const offsetDelete = defineApi<OffsetDeleteRequest, OffsetDeleteResponse>({
  request: OffsetDeleteRequest,
  response: OffsetDeleteResponse,
  min: 0,
  max: 0,
  handle: ({ services }, request) => services.groups.offsetDelete(request),
  failure: (_request, errorCode) => ({ errorCode }),
})
