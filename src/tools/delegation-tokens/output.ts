import { z } from 'zod'
import { type DocumentSpec, timestampMs } from '../shared/document-fields.ts'

const row = z.strictObject({
  tokenId: z.string(),
  hmac: z.string().describe('Base64'),
  owner: z.string(),
  requester: z.string(),
  renewers: z.array(z.string()),
  issueTimestampMs: timestampMs('When it was made'),
  expiryTimestampMs: timestampMs('When it expires'),
  maxTimestampMs: timestampMs('Until when it can be renewed'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'delegation-tokens-describe', command: 'delegation-tokens', action: '--describe', row },
]
