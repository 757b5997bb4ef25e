import type { SecurityProtocol } from '../config/listeners.ts'
import type { Draft, MessageCodec } from '../protocol/codec.ts'
import { type Auth, checkRight } from './authorizer/rights.ts'
import type { RequestQuota } from './quota/request-quota.ts'
import type { BrokerServices } from './services.ts'

/** Who is at the other end of a connection. */
export interface ClientConnection {
  /** Unique among the connections of this process. */
  readonly id: number
  /** Address of the peer, without port: '127.0.0.1'. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly listenerName: string
  /** 'User:ANONYMOUS' until SASL or a client certificate says otherwise. */
  readonly principal: string
  readonly securityProtocol: SecurityProtocol
  /** Whether the principal logged in with a delegation token. */
  readonly isTokenAuthenticated: boolean
  /** What ApiVersions v3+ said of the client. */
  clientSoftwareName: string
  clientSoftwareVersion: string
  /** Aborted when the connection is gone; a waiting request need not go on then. */
  readonly closed: AbortSignal
  /** Ends the connection at once; `reason` goes to the log. */
  close(reason: string): void
}

/** One request as its handler sees it. */
export interface RequestContext {
  readonly services: BrokerServices
  readonly connection: ClientConnection
  readonly version: number
  /** '' when the client sent null. */
  readonly clientId: string
  readonly correlationId: number
  /** What the request is charged to; undefined when no quotas are configured. */
  readonly quota?: RequestQuota | undefined
  /** Has `release` called when the answer's bytes have left this process, or its client is gone. */
  whenSent(release: () => void): void
  /** Of the API as logs name it: 'Fetch'. */
  readonly apiName?: string
}

/** Answer of a handler whose request has no response (Produce with acks=0). */
export const NO_RESPONSE = Symbol('no response')

/** A response, or none. */
export type Answer<Response> = Draft<Response> | typeof NO_RESPONSE

export interface ApiDefinition<Request, Response> {
  readonly request: MessageCodec<Request>
  readonly response: MessageCodec<Response>
  /** Versions really implemented; ApiVersions says just these. */
  readonly min: number
  readonly max: number
  /** What differs from Kafka's answers, for the support table: part of a sentence. Left out when nothing does. */
  readonly differs?: string
  /** Left out of ApiVersions when this says no; it is answered all the same. Default: advertised. */
  isAdvertised?(services: BrokerServices): boolean
  /** What the request needs a right to, checked before `handle`; 'in handler' when left out. */
  readonly auth?: Auth<NoInfer<Request>>
  /**
   * May answer later; requests of one connection are still answered in order. What it throws becomes `failure`'s answer.
   */
  handle(
    context: RequestContext,
    request: Request,
  ): NoInfer<Answer<Response>> | Promise<NoInfer<Draft<Response>>> | Promise<typeof NO_RESPONSE>
  /** The response that says `errorCode` of the whole request, for errors nobody caught; `version` has to be able to carry it. */
  failure(request: Request, errorCode: number, message: string, version: number): NoInfer<Draft<Response>>
}

// biome-ignore lint/suspicious/noExplicitAny: the list of APIs is heterogeneous; each entry was checked by defineApi
export type AnyApi = ApiDefinition<any, any>

/** Declares an API: the single place that names its versions. src/broker/apis/index.ts lists them all. */
export function defineApi<Request, Response>(
  definition: ApiDefinition<Request, Response>,
): ApiDefinition<Request, Response> {
  const { request, min, max, auth } = definition
  if (min < request.minVersion || max > request.maxVersion) {
    throw new RangeError(
      `${request.name}: versions ${min}-${max} are not all in the schema (${request.minVersion}-${request.maxVersion})`,
    )
  }
  if (auth === undefined || typeof auth === 'string') return definition
  return {
    ...definition,
    handle(context, message) {
      checkRight(context, message, auth)
      return definition.handle(context, message)
    },
  }
}
