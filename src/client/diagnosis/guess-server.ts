import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Address } from '../settings.ts'
import { type FirstAnswer, firstAnswer } from './first-answer.ts'

/** A TCP connection; undefined when there is none in time. */
const openPlain = ({ host, port }: Address, timeoutMs: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true })
    const fail = (): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(undefined)
    }
    socket.setTimeout(timeoutMs, fail)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeAllListeners()
      resolve(socket)
    })
  })

/** What a server without TLS says to a greeting. */
export const askPlain = async (address: Address, timeoutMs: number, greeting?: Buffer): Promise<FirstAnswer> => {
  const socket = await openPlain(address, timeoutMs)
  return socket ? firstAnswer(socket, timeoutMs, greeting) : { kind: 'closed', error: undefined }
}

/** Whether a server shakes hands over TLS, no matter with which certificate. */
export const speaksTls = ({ host, port }: Address, timeoutMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = connectTls({ host, port, ...name, rejectUnauthorized: false, checkServerIdentity: () => undefined })
    const done = (answer: boolean): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeoutMs, () => done(false))
    socket.once('secureConnect', () => done(true))
    // A server that complains about the client in TLS's own terms speaks TLS.
    socket.once('error', (error: NodeJS.ErrnoException) => done(/ALERT/.test(error.code ?? '')))
    socket.once('close', () => done(false))
  })

/**
 * What a server is that did not answer as a broker: asked as a TLS, HTTP and ZooKeeper server.
 * @returns undefined when it answers to nothing
 */
export const guessServer = async (
  address: Address,
  timeoutMs: number,
): Promise<'tls' | 'http' | 'zookeeper' | undefined> => {
  const halfMs = Math.floor(timeoutMs / 2)
  if (await speaksTls(address, halfMs)) return 'tls'
  const [http, zookeeper] = await Promise.all([
    askPlain(address, halfMs, Buffer.from(`GET / HTTP/1.0\r\nHost: ${address.host}\r\n\r\n`)),
    askPlain(address, halfMs, Buffer.from('srvr')),
  ])
  if (http.kind === 'http') return 'http'
  return zookeeper.kind === 'zookeeper' ? 'zookeeper' : undefined
}
