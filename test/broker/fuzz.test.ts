import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { APIS } from '../../src/broker/apis/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../src/protocol/generated/18-api-versions.ts'
import { TestBroker } from './in-process.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

/** A request with a good header and any bytes behind it: for each API and version the broker has. */
const hostileRequest = fc
  .record({
    api: fc.constantFrom(...APIS),
    version: fc.nat(20),
    flexibleTag: fc.boolean(),
    body: fc.uint8Array({ maxLength: 200 }),
  })
  .map(({ api, version, flexibleTag, body }) => {
    const header = Buffer.from('000000000000000100047465737400', 'hex').subarray(0, flexibleTag ? 15 : 14)
    const frame = Buffer.concat([header, body])
    frame.writeInt16BE(api.request.apiKey, 0)
    frame.writeInt16BE(api.min + (version % (api.max - api.min + 1)), 2)
    return frame
  })

it('survives any bytes behind a good header, and serves others meanwhile', async () => {
  const other = await broker.connect()
  await fc.assert(
    fc.asyncProperty(fc.array(hostileRequest, { minLength: 1, maxLength: 20 }), async (frames) => {
      const client = await broker.connect()
      for (const frame of frames) client.sendFrame(frame)
      const answer = await other.request(ApiVersionsRequest, ApiVersionsResponse, 0, {})
      expect(answer.errorCode).toBe(0)
      client.close()
    }),
    { numRuns: 150 },
  )
  other.close()
})
