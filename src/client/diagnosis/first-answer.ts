import type { Socket } from 'node:net'
import { ApiVersionsResponse } from '../../protocol/generated/18-api-versions.ts'
import { Reader } from '../../protocol/reader.ts'

/** What the other end of a connection says when it is spoken to as a Kafka broker. */
export type FirstAnswer =
  | { kind: 'kafka'; apis: ApiVersionsResponse['apiKeys'] }
  | { kind: 'tls' }
  | { kind: 'http'; line: string }
  | { kind: 'ssh' }
  | { kind: 'zookeeper' }
  | { kind: 'other'; text: string }
  | { kind: 'closed'; error: NodeJS.ErrnoException | undefined }
  | { kind: 'silent' }

const CORRELATION_ID = 1
/** The answer is small; what any other server says first reads as a much larger size. */
const MAX_FRAME_BYTES = 1024 * 1024

/** ApiVersions version 0, which every broker answers. */
export const apiVersionsFrame = (): Buffer => {
  const clientId = Buffer.from('kt-doctor')
  const frame = Buffer.alloc(14 + clientId.length)
  frame.writeInt32BE(frame.length - 4, 0)
  frame.writeInt16BE(18, 4)
  frame.writeInt32BE(CORRELATION_ID, 8)
  frame.writeInt16BE(clientId.length, 12)
  clientId.copy(frame, 14)
  return frame
}

/** Recognises what speaks from its first bytes; undefined while they are too few. */
export const recognise = (data: Buffer): FirstAnswer | undefined => {
  if (data.length < 5) return undefined
  const text = data.subarray(0, 200).toString('latin1')
  if ((data[0] === 0x15 || data[0] === 0x16) && data[1] === 0x03) return { kind: 'tls' }
  if (text.startsWith('HTTP/')) return { kind: 'http', line: text.split('\r\n', 1)[0] ?? '' }
  if (text.startsWith('SSH-')) return { kind: 'ssh' }
  if (/^(?:Zookeeper version|srvr is not executed|This ZooKeeper)/i.test(text)) return { kind: 'zookeeper' }
  const sizeBytes = data.readInt32BE(0)
  if (sizeBytes < 4 || sizeBytes > MAX_FRAME_BYTES) return { kind: 'other', text: printable(text) }
  if (data.length < 4 + sizeBytes) return undefined
  if (data.readInt32BE(4) !== CORRELATION_ID) return { kind: 'other', text: printable(text) }
  try {
    return { kind: 'kafka', apis: ApiVersionsResponse.read(new Reader(data.subarray(8, 4 + sizeBytes)), 0).apiKeys }
  } catch {
    return { kind: 'other', text: printable(text) }
  }
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '.').slice(0, 40)

/** Says something on an open connection and waits for what comes first; ends the connection. */
export const firstAnswer = (socket: Socket, timeoutMs: number, greeting = apiVersionsFrame()): Promise<FirstAnswer> =>
  new Promise((resolve) => {
    let data = Buffer.alloc(0)
    let error: NodeJS.ErrnoException | undefined
    const done = (answer: FirstAnswer): void => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(answer)
    }
    const closed = (): void =>
      done(data.length > 0 ? { kind: 'other', text: printable(data.toString('latin1')) } : { kind: 'closed', error })
    const timer = setTimeout(() => done({ kind: 'silent' }), timeoutMs)
    socket.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk])
      const answer = recognise(data)
      if (answer) done(answer)
    })
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error = cause
    })
    socket.once('end', () => setImmediate(closed))
    socket.once('close', closed)
    socket.write(greeting)
  })
