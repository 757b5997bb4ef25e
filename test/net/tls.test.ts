import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientError } from '../../src/net/client-error.ts'
import { openSocket } from '../../src/net/socket.ts'
import { tlsOptions } from '../../src/net/tls.ts'

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const cert = fixture('localhost.pem')
const key = fixture('localhost.key')
const settings = {
  ca: cert,
  cert: null,
  key: null,
  passphrase: null,
  verifyHostname: true,
  ciphers: null,
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
} as const

describe('TLS', () => {
  let server: Server

  beforeEach(async () => {
    server = createServer({ cert, key }, (socket) => {
      socket.on('error', () => {})
      socket.end('hello')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  const open = (host: string, more: Partial<Parameters<typeof tlsOptions>[0]>) => {
    const { port } = server.address() as AddressInfo
    return openSocket({ host, port, timeoutMs: 5000, tls: tlsOptions({ ...settings, ...more }) })
  }
  const failure = (promise: Promise<unknown>): Promise<ClientError> =>
    promise.then(
      () => Promise.reject(new Error('did not fail')),
      (error: ClientError) => error,
    )

  it('talks to a server with a certificate it trusts', async () => {
    const socket = await open('localhost', {})
    const [data] = await new Promise<Buffer[]>((resolve) => socket.once('data', (...args) => resolve(args)))
    expect(String(data)).toBe('hello')
    socket.destroy()
  })

  it('refuses one it does not trust', async () => {
    const error = await failure(open('localhost', { ca: null }))
    expect(error).toMatchObject({ reason: 'tls', retriable: false })
    expect(error.nextStep).toContain('ssl.truststore.location')
  })

  it('refuses a certificate for another name, unless told not to look', async () => {
    const error = await failure(open('127.0.0.1', {}))
    expect(error.nextStep).toContain('ssl.endpoint.identification.algorithm')
    const socket = await open('127.0.0.1', { verifyHostname: false })
    socket.destroy()
  })

  it('says so when the keys can not be used', () => {
    expect(() => tlsOptions({ ...settings, cert, key: 'nonsense' })).toThrow("The TLS settings can't be used")
  })
})
