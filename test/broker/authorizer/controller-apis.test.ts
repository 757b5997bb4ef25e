import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONTROLLER_APIS } from '../../../src/broker/apis/controller-index.ts'
import type { Authorizer } from '../../../src/broker/authorizer/authorizer.ts'
import type { AnyApi } from '../../../src/broker/define-api.ts'
import { TestBroker, type TestClient } from '../in-process.ts'
import { connectAs } from './connect-as.ts'
import { filledRequest } from './filled-request.ts'

/** What anyone may ask: SASL, versions, and delegation tokens, which go by their owners. */
const OPEN: readonly number[] = [17, 18, 36, 38, 39, 40, 41]
const NAMES = { topic: 'topic', group: 'group', transactionalId: 'txn', topicId: 'BAAAAAAAAAAAAAAAAAAAAA' }

let broker: TestBroker
let stranger: TestClient
const decisions: boolean[] = []

beforeAll(async () => {
  broker = await TestBroker.start({
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:root',
  })
  const { authorizer } = broker.broker as unknown as { authorizer: Authorizer }
  const { allows } = authorizer
  authorizer.allows = (...args) => {
    const isAllowed = allows.apply(authorizer, args)
    decisions.push(isAllowed)
    return isAllowed
  }
})
afterAll(async () => {
  await broker.stop()
})

const versions = CONTROLLER_APIS.filter(({ request }) => !OPEN.includes(request.apiKey)).flatMap((api) =>
  Array.from({ length: api.max - api.min + 1 }, (_, i): [string, AnyApi, number] => {
    const version = api.min + i
    return [`${api.request.name} v${version}`, api, version]
  }),
)

describe("the controller's listener, to a principal without rights", () => {
  it.each(versions)('%s: is denied', async (_title, api, version) => {
    stranger = await connectAs(broker, 'User:stranger', broker.broker.listenerPort('CONTROLLER'))
    decisions.length = 0
    await stranger.request(api.request, api.response, version, filledRequest(api.request.name, version, NAMES))
    stranger.close()
    expect(decisions.length, 'the authorizer was not asked').toBeGreaterThan(0)
    expect(decisions).not.toContain(true)
  })
})
