/**
 * UnregisterBroker: forgets a broker that will not come back; v0. Its replicas leave the ISRs. This broker itself
 * registers again at once: otherwise nothing could be done here before a restart. Needs ALTER on the cluster.
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
  differs: 'this broker registers again at once; in Kafka one that runs stays out until it is restarted',
  async handle(context, { brokerId }) {
    requireCluster(context, AclOperation.ALTER)
    const { controller, nodeId, registerAgain } = context.services
    await controller.run(async ({ image, append }) => append(unregistration(image, brokerId)))
    if (brokerId === nodeId) await registerAgain()
    return { errorMessage: '' }
  },
  failure: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
