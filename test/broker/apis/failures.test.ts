import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONTROLLER_APIS } from '../../../src/broker/apis/controller-index.ts'
import { APIS } from '../../../src/broker/apis/index.ts'
import type { AnyApi } from '../../../src/broker/define-api.ts'
import { ErrorCode } from '../../../src/protocol/errors.ts'
import { Reader } from '../../../src/protocol/reader.ts'
import { Writer } from '../../../src/protocol/writer.ts'
import { loadMessages } from '../../protocol/generated-codecs.ts'
import { messageValues } from '../../protocol/message-values.ts'

const SAMPLES = 10
const messages = new Map((await loadMessages()).map((message) => [message.name, message]))

const versions = [...APIS, ...CONTROLLER_APIS.filter((api) => !APIS.includes(api))].flatMap((api) =>
  Array.from({ length: api.max - api.min + 1 }, (_, i): [string, AnyApi, number] => {
    const version = api.min + i
    return [`${api.request.name} v${version}`, api, version]
  }),
)

describe('the answer for a request as a whole that failed', () => {
  it.each(versions)('%s: can be told at that version', (_title, api, version) => {
    const { oracle, codec } = messages.get(api.request.name)!
    for (const value of fc.sample(messageValues(oracle, version, 'fitting'), { numRuns: SAMPLES, seed: 1 })) {
      const request = new Writer()
      codec.write(request, value as never, version)
      const read: unknown = api.request.read(new Reader(request.toBuffer()), version)
      const answer = new Writer()
      const failure = api.failure(read, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'why', version)
      expect(() => api.response.write(answer, failure, version)).not.toThrow()
      api.response.read(new Reader(answer.toBuffer()), version)
    }
  })
})
