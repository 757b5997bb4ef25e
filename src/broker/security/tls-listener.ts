import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import type { BrokerConfig } from '../../config/broker-config.ts'
import { tlsSettings } from '../../config/tls-settings.ts'
import { BrokerStartError } from '../broker-start-error.ts'
import { opensslCipherName } from './cipher-names.ts'
import { type AllowedChanges, checkStoreChange, type StoresInUse } from './keystore-changes.ts'
import { principalMapping } from './principal-mapping.ts'
import { subjectName } from './x500-name.ts'

/** A client that stalls within the handshake is dropped after this. */
const MAX_HANDSHAKE_MS = 30_000

/** What becomes of a client's TLS handshake. */
export interface TlsOutcome {
  /** @param principal 'User:NAME' by the client's certificate, or undefined without one */
  onSecure(socket: TLSSocket, principal: string | undefined): void
  onFailure(reason: string): void
}

/** The broker's end of TLS on one listener: ssl.keystore.*, ssl.truststore.*, ssl.client.auth and ssl.principal.mapping.rules. */
export class TlsListener {
  private readonly listener: string
  private readonly server: Server
  /** By address and port of the client, until its handshake is done. */
  private readonly pending = new Map<string, TlsOutcome>()
  private readonly clientAuth: string
  private readonly allowed: AllowedChanges
  private nameOf: (distinguishedName: string) => string
  private stores: StoresInUse

  /** @throws BrokerStartError for a store that can't be read, a key without certificate, a rule that is none */
  constructor(config: BrokerConfig, listener: string) {
    this.listener = listener
    const settings = this.read(config)
    this.clientAuth = settings.clientAuth
    this.nameOf = settings.nameOf
    this.stores = settings.stores
    const own = config.listenerConfig(listener)
    this.allowed = {
      ofNames: own.boolean('ssl.allow.dn.changes'),
      ofAlternativeNames: own.boolean('ssl.allow.san.changes'),
    }
    // With rejectUnauthorized a client without certificate is told so by an alert; one that isn't trusted can't be, Node has no means.
    this.server = createServer({
      ...settings.context,
      requestCert: settings.clientAuth !== 'none',
      rejectUnauthorized: settings.clientAuth === 'required',
      handshakeTimeout: MAX_HANDSHAKE_MS,
    })
    this.server.on('secureConnection', (socket) => this.secured(socket))
    this.server.on('tlsClientError', (error, socket) => this.failed(socket, error.message))
  }

  /** @throws BrokerStartError, KeystoreChangeError if the listener couldn't be served with these configs, or mustn't */
  check(config: BrokerConfig): void {
    checkStoreChange(this.stores, this.read(config).stores, this.allowed)
  }

  /** Takes keys, certificates and rules of changed configs (KIP-226); connections that are open go on as they are. */
  reload(config: BrokerConfig): void {
    const { context, nameOf, stores } = this.read(config)
    checkStoreChange(this.stores, stores, this.allowed)
    this.server.setSecureContext(context)
    this.nameOf = nameOf
    this.stores = stores
  }

  /** Begins the handshake on an accepted socket. */
  accept(socket: Socket, outcome: TlsOutcome): void {
    const peer = peerOf(socket)
    this.pending.set(peer, outcome)
    socket.once('close', () => this.pending.delete(peer))
    this.server.emit('connection', socket)
  }

  private read(config: BrokerConfig): {
    context: SecureContextOptions
    clientAuth: string
    nameOf: (distinguishedName: string) => string
    stores: StoresInUse
  } {
    try {
      const own = config.listenerConfig(this.listener)
      const { ca, cert, key, entries, passphrase, ciphers, minVersion, maxVersion } = tlsSettings(own)
      if (cert === null) {
        throw new BrokerStartError(
          'there is no key: set ssl.keystore.location, or ssl.keystore.key with its certificate',
        )
      }
      const context: SecureContextOptions = {
        ...(ca === null ? {} : { ca }),
        ...(cert === null ? {} : { cert }),
        ...(key === null ? {} : { key }),
        ...(passphrase === null ? {} : { passphrase }),
        ...(ciphers === null ? {} : { ciphers: ciphers.split(':').map(opensslCipherName).join(':') }),
        minVersion,
        maxVersion,
      }
      createSecureContext(context)
      return {
        context,
        clientAuth: own.string('ssl.client.auth'),
        nameOf: principalMapping(own.string('ssl.principal.mapping.rules')),
        stores: { entries, hasTruststore: ca !== null },
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BrokerStartError(`listener ${this.listener} can't serve TLS: ${why}`, { cause: error })
    }
  }

  private failed(socket: TLSSocket, reason: string): void {
    this.pending.get(peerOf(socket))?.onFailure(`SSL handshake failed: ${reason}`)
    socket.destroy()
  }

  private secured(socket: TLSSocket): void {
    const certificate = this.clientAuth === 'none' ? undefined : socket.getPeerX509Certificate()
    if (certificate === undefined && this.clientAuth === 'required') {
      this.failed(socket, 'the client has shown no certificate')
      return
    }
    if (certificate !== undefined && !socket.authorized) {
      this.failed(socket, `the client's certificate is not trusted: ${String(socket.authorizationError)}`)
      return
    }
    try {
      const name = certificate === undefined ? undefined : this.nameOf(subjectName(certificate.raw))
      this.pending.get(peerOf(socket))?.onSecure(socket, name === undefined ? undefined : `User:${name}`)
    } catch (error) {
      this.failed(socket, error instanceof Error ? error.message : String(error))
    }
  }
}

const peerOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string => `${remoteAddress} ${remotePort}`
