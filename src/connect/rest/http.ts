import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestError } from '../runtime/request-error.ts'
import { messageOf } from '../runtime/trace.ts'

/** A request as routes see it. */
export interface RestRequest {
  readonly method: string
  /** Decoded values of the path's `:names`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as JSON; undefined without one. */
  readonly body: unknown
}

/** What a route answers; undefined body: none. */
export interface RestAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown): RestAnswer => ({ status: 200, body })
export const accepted = (body?: unknown): RestAnswer => ({ status: 202, body })
export const noContent: RestAnswer = { status: 204 }

export const errorAnswer = (status: number, message: string): RestAnswer => ({
  status,
  body: { error_code: status, message },
})

/** As Kafka's exception mapper: what nobody foresaw is a 500. */
export const answerOf = (error: unknown): RestAnswer =>
  errorAnswer(error instanceof RequestError ? error.status : 500, messageOf(error))

/** Configs of connectors are small; more than this is a mistake. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** @throws RequestError for a body that is too large or no JSON */
export const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new RequestError(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    // Kafka answers this with 500 as well.
    throw new RequestError(500, `The body is no JSON: ${messageOf(error)}`)
  }
}

const reasons: Readonly<Record<number, string>> = { 500: 'Server Error' }

export const writeAnswer = (
  response: ServerResponse,
  { status, body, headers = {} }: RestAnswer,
  isHead: boolean,
): number => {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  const content = status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(text)) }
  const all = { ...(body === undefined ? {} : { 'Content-Type': type }), ...content, ...headers }
  const reason = reasons[status]
  if (reason === undefined) response.writeHead(status, all)
  else response.writeHead(status, reason, all)
  response.end(isHead ? undefined : text)
  return Buffer.byteLength(text)
}
