/**
 * What stands between the frames of a SASL connection and the handlers: SaslHandshake, the mechanism's messages, and authentication
 * anew before the session ends (KIP-43, KIP-152, KIP-368). Nothing else but one ApiVersions is answered before.
 */
import type { Clock } from '../../base/clock.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { SaslHandshakeRequest, SaslHandshakeResponse } from '../../protocol/generated/17-sasl-handshake.ts'
import { ApiVersionsRequest } from '../../protocol/generated/18-api-versions.ts'
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from '../../protocol/generated/36-sasl-authenticate.ts'
import { RequestHeader } from '../../protocol/generated/data/request-header.ts'
import { Reader } from '../../protocol/reader.ts'
import type { AnyApi } from '../define-api.ts'
import type { SaslListenerSettings } from './listener-security.ts'
import { SaslFailure, type SaslOutcome, type SaslServer } from './sasl-server.ts'

/** Sooner than this after the last time nobody authenticates anew (Kafka's MIN_REAUTH_INTERVAL_ONE_SECOND). */
const MIN_REAUTHENTICATION_INTERVAL_MS = 1000

/** One answer: which API, at which version, to which request. */
export interface SaslReply {
  readonly response: AnyApi['response']
  readonly version: number
  readonly correlationId: number
  readonly message: unknown
}

/** What becomes of a frame. */
export type SaslStep =
  /** For a handler, as it is. */
  | { readonly kind: 'pass' }
  | { readonly kind: 'reply'; readonly reply: SaslReply | Buffer }
  /** The connection ends: after a delay with the reply, when authentication has failed; else at once. */
  | { readonly kind: 'fail'; readonly reason: string; readonly reply?: SaslReply; readonly isDelayed: boolean }

type State =
  /** Nothing has come yet, or an ApiVersions that was refused. */
  | { readonly kind: 'start' }
  /** ApiVersions was answered. */
  | { readonly kind: 'handshake' }
  /** `isFramed`: messages come in SaslAuthenticate requests (handshake v1), else bare (v0). */
  | { readonly kind: 'exchange'; readonly mechanism: string; readonly server: SaslServer; readonly isFramed: boolean }
  | { readonly kind: 'bad-mechanism'; readonly reason: string }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed' }

interface Session {
  readonly mechanism: string
  readonly outcome: SaslOutcome
}

export interface SaslAuthenticatorOptions {
  readonly settings: SaslListenerSettings
  readonly clock: Clock
  /** Whether this is an API at one of its versions, for what may be asked before authentication. */
  api(apiKey: number): AnyApi | undefined
  hasValidSoftware(request: ApiVersionsRequest, version: number): boolean
}

/** The state of one connection. Frames are given to it one after the other, each when the one before is done. */
export class SaslAuthenticator {
  private readonly options: SaslAuthenticatorOptions
  private state: State = { kind: 'start' }
  private session: Session | undefined
  /** By the monotonic clock; undefined as long as the session has no end. */
  private sessionEndsAtMs: number | undefined
  private reauthenticatedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SaslAuthenticatorOptions) {
    this.options = options
  }

  /** Who the client is; undefined before it has authenticated. */
  get outcome(): SaslOutcome | undefined {
    return this.session?.outcome
  }

  /** Whether frames go straight to the handlers. */
  get isComplete(): boolean {
    return this.state.kind === 'complete'
  }

  /** Whether this frame of an authenticated connection concerns authentication: a new handshake, or any once the session is over. */
  concerns(frame: Buffer): boolean {
    if (this.state.kind !== 'complete') return true
    if (this.sessionEndsAtMs === undefined) return false
    return this.isExpired || (frame.length >= 2 && frame.readInt16BE(0) === SaslHandshakeRequest.apiKey)
  }

  private get isExpired(): boolean {
    return this.sessionEndsAtMs !== undefined && this.options.clock.monotonicMs() > this.sessionEndsAtMs
  }

  /** Takes the next frame. Never throws. */
  async receive(frame: Buffer): Promise<SaslStep> {
    try {
      const step = await this.step(frame)
      if (step.kind === 'fail') this.state = { kind: 'failed' }
      return step
    } catch (error) {
      this.state = { kind: 'failed' }
      return { kind: 'fail', reason: error instanceof Error ? error.message : String(error), isDelayed: false }
    }
  }

  private step(frame: Buffer): SaslStep | Promise<SaslStep> {
    const { state } = this
    switch (state.kind) {
      case 'start':
      case 'handshake':
        return this.request(frame)
      case 'exchange':
        return state.isFramed ? this.framed(frame, state) : this.bare(frame, state)
      case 'bad-mechanism':
        return { kind: 'fail', reason: state.reason, isDelayed: true }
      case 'complete':
        return this.anew(frame)
      case 'failed':
        return { kind: 'fail', reason: 'authentication has failed before', isDelayed: false }
    }
  }

  /** An authenticated client's handshake, or its first request after the session's end. */
  private anew(frame: Buffer): SaslStep {
    const isHandshake = frame.length >= 2 && frame.readInt16BE(0) === SaslHandshakeRequest.apiKey
    const nowMs = this.options.clock.monotonicMs()
    if (isHandshake && nowMs - this.reauthenticatedAtMs >= MIN_REAUTHENTICATION_INTERVAL_MS) {
      this.reauthenticatedAtMs = nowMs
      return this.request(frame)
    }
    if (this.isExpired) {
      return { kind: 'fail', reason: 'the session has expired without re-authentication', isDelayed: false }
    }
    return { kind: 'pass' }
  }

  private request(frame: Buffer): SaslStep {
    const reader = new Reader(frame)
    const apiKey = reader.int16()
    const version = reader.int16()
    if (apiKey === ApiVersionsRequest.apiKey) return this.apiVersions(frame, version)
    if (apiKey !== SaslHandshakeRequest.apiKey) {
      throw new Error(
        this.options.api(apiKey) !== undefined
          ? `Unexpected Kafka request of type ${this.options.api(apiKey)?.request.name} during SASL handshake.`
          : 'Invalid request, potential reasons: kafka client configured with the wrong security protocol, it does not support KIP-43 or it is not a kafka client.',
      )
    }
    if (version < 0 || version > SaslHandshakeRequest.maxVersion) {
      throw new Error(`Version ${version} is not supported for apiKey SASL_HANDSHAKE`)
    }
    reader.position = 0
    const { correlationId } = RequestHeader.read(reader, 1)
    return this.handshake(SaslHandshakeRequest.read(reader, version).mechanism, version, correlationId)
  }

  private apiVersions(frame: Buffer, version: number): SaslStep {
    if (this.state.kind !== 'start') {
      throw new Error(`Unexpected ApiVersions request received during SASL authentication state ${this.state.kind}`)
    }
    // One that is refused may be followed by another with what the refusal says.
    if (version >= 0 && version <= ApiVersionsRequest.maxVersion) {
      const reader = new Reader(frame)
      RequestHeader.read(reader, version >= ApiVersionsRequest.flexibleFrom ? 2 : 1)
      const request = ApiVersionsRequest.read(reader, version)
      if (this.options.hasValidSoftware(request, version)) this.state = { kind: 'handshake' }
    }
    return { kind: 'pass' }
  }

  private handshake(mechanism: string, version: number, correlationId: number): SaslStep {
    const { settings } = this.options
    const server = settings.mechanisms.get(mechanism)
    const mechanisms = [...settings.mechanisms.keys()]
    const reply = (errorCode: number): SaslReply => ({
      response: SaslHandshakeResponse,
      version,
      correlationId,
      message: { errorCode, mechanisms },
    })
    if (server === undefined) {
      return {
        kind: 'fail',
        reason: `Unsupported SASL mechanism ${mechanism}`,
        reply: reply(ErrorCode.UNSUPPORTED_SASL_MECHANISM),
        isDelayed: true,
      }
    }
    if (this.session !== undefined && this.session.mechanism !== mechanism) {
      const reason = `SASL mechanism '${mechanism}' requested by client is not supported for re-authentication of mechanism '${this.session.mechanism}'`
      this.state = { kind: 'bad-mechanism', reason }
    } else this.state = { kind: 'exchange', mechanism, server: server.exchange(), isFramed: version >= 1 }
    return { kind: 'reply', reply: reply(ErrorCode.NONE) }
  }

  private async framed(frame: Buffer, state: State & { kind: 'exchange' }): Promise<SaslStep> {
    const reader = new Reader(frame)
    const apiKey = reader.int16()
    const version = reader.int16()
    reader.position = 0
    if (apiKey !== SaslAuthenticateRequest.apiKey) return this.unexpected(reader, apiKey, version)
    if (version < 0 || version > SaslAuthenticateRequest.maxVersion) {
      throw new Error(`Version ${version} is not supported for apiKey SASL_AUTHENTICATE`)
    }
    const header = RequestHeader.read(reader, version >= SaslAuthenticateRequest.flexibleFrom ? 2 : 1)
    const { authBytes } = SaslAuthenticateRequest.read(reader, version)
    const reply = (message: unknown): SaslReply => ({
      response: SaslAuthenticateResponse,
      version,
      correlationId: header.correlationId,
      message,
    })
    try {
      const answer = await state.server.evaluate(authBytes)
      const sessionLifetimeMs = BigInt(this.completed(state))
      return { kind: 'reply', reply: reply({ errorMessage: null, authBytes: answer, sessionLifetimeMs }) }
    } catch (error) {
      if (!(error instanceof SaslFailure)) throw error
      const what = this.session === undefined ? 'authentication' : 're-authentication'
      const errorMessage =
        error.clientMessage ??
        `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${state.mechanism}`
      const message = { errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED, errorMessage }
      return { kind: 'fail', reason: error.message, reply: reply(message), isDelayed: true }
    }
  }

  /** Another request in place of SaslAuthenticate is refused in its own terms. */
  private unexpected(reader: Reader, apiKey: number, version: number): SaslStep {
    const api = this.options.api(apiKey)
    const name = api?.request.name ?? `key ${apiKey}`
    const reason = `Unexpected Kafka request of type ${name} during SASL authentication.`
    if (api === undefined || version < api.min || version > api.max) throw new Error(reason)
    const { correlationId } = RequestHeader.read(reader, version >= api.request.flexibleFrom ? 2 : 1)
    const request: unknown = api.request.read(reader, version)
    const message = api.failure(request as never, ErrorCode.ILLEGAL_SASL_STATE, reason, version)
    const response = api.response
    return { kind: 'fail', reason, reply: { response, version, correlationId, message }, isDelayed: true }
  }

  /** Handshake v0: the mechanism's messages come as they are, and a failure is told by nothing but the end. */
  private async bare(frame: Buffer, state: State & { kind: 'exchange' }): Promise<SaslStep> {
    try {
      const answer = await state.server.evaluate(frame)
      this.completed(state)
      return { kind: 'reply', reply: answer }
    } catch (error) {
      if (!(error instanceof SaslFailure)) throw error
      return { kind: 'fail', reason: error.message, isDelayed: true }
    }
  }

  /**
   * Takes over what the exchange has found out, if it is complete.
   *
   * @returns how long the session lasts, in ms; 0 without an end, or when it isn't complete
   * @throws SaslFailure when somebody else authenticates anew
   */
  private completed({ mechanism, server }: State & { kind: 'exchange' }): number {
    const { outcome } = server
    if (outcome === undefined) return 0
    const before = this.session?.outcome.user
    if (before !== undefined && before !== outcome.user) {
      throw SaslFailure.told(
        `Cannot change principals during re-authentication from User.${before}: User.${outcome.user}`,
      )
    }
    this.session = { mechanism, outcome }
    this.state = { kind: 'complete' }
    return this.beginSession(mechanism, outcome)
  }

  private beginSession(mechanism: string, { expiresAtMs }: SaslOutcome): number {
    const { clock, settings } = this.options
    const maxMs = settings.maxReauthenticationMs(mechanism)
    this.sessionEndsAtMs = undefined
    if (expiresAtMs === undefined && maxMs <= 0) return 0
    const ofCredentialMs = expiresAtMs === undefined ? Number.POSITIVE_INFINITY : expiresAtMs - clock.nowMs()
    const lifetimeMs = Math.floor(Math.max(0, Math.min(ofCredentialMs, maxMs > 0 ? maxMs : Number.POSITIVE_INFINITY)))
    this.sessionEndsAtMs = clock.monotonicMs() + lifetimeMs
    return Math.min(lifetimeMs, Number.MAX_SAFE_INTEGER)
  }
}
