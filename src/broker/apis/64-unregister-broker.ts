/**
 * UnregisterBroker: forgets a broker that will not come back; v0. Its replicas leave the ISRs. A broker that lives registers again at
 * once. Needs ALTER on the cluster.
 */
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../../protocol/generated/64-unregister-broker.ts'
import { AclOperation, requireCluster } from '../authorizer/authorizer.ts'
import { unregistration } from '../controller/unregistration.ts'
import { defineApi } from '../define-api.ts'

export const unregisterBroker = defineApi({
  request: UnregisterBrokerRequest,
  response: UnregisterBrokerResponse,
  min: 0,
  max: 0,
  async handle(context, { brokerId }) {
    requireCluster(context, AclOperation.ALTER)
    await context.services.controller.run(async ({ image, append }) => append(unregistration(image, brokerId)))
    return { errorMessage: null }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
