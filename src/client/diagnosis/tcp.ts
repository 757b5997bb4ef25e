import { connect } from 'node:net'
import { HopFailure, type Passed } from './hop.ts'

const tryAddress = (host: string, port: number, timeoutMs: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port })
    const done = (code: string | undefined): void => {
      socket.destroy()
      resolve(code)
    }
    socket.setTimeout(timeoutMs, () => done('ETIMEDOUT'))
    socket.once('connect', () => done(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
  })

const meanings: Readonly<Record<string, [cause: string, nextStep: string]>> = {
  ECONNREFUSED: [
    'Nothing listens on that port: the broker does not run, or listens on another port or address (listeners).',
    "Start the broker, or correct the port of --bootstrap-server; Kafka's own is 9092.",
  ],
  ETIMEDOUT: [
    'A firewall or security group swallows the connection, or the host is down.',
    'Open the port for this machine, or connect from a machine within its network.',
  ],
  EHOSTUNREACH: ['There is no route to the host.', 'Check the network, and whether a VPN is wanted.'],
  ENETUNREACH: ['There is no route to the network of the host.', 'Check the network, and whether a VPN is wanted.'],
}

const words: Readonly<Record<string, string>> = { ECONNREFUSED: 'refused', ETIMEDOUT: 'no answer' }

/** TCP: whether the port accepts connections, on any of the host's addresses. */
export const reachPort = async (
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
): Promise<Passed<string>> => {
  const tried = await Promise.all(
    addresses.map(async (address) => ({ address, code: await tryAddress(address, port, timeoutMs) })),
  )
  const said = tried.map(({ address, code }) => `${address} ${code === undefined ? 'accepts' : (words[code] ?? code)}`)
  const open = tried.find(({ code }) => code === undefined)
  if (open) return { detail: said.join(', '), value: open.address }
  const code = tried.find((one) => one.code !== 'ECONNREFUSED')?.code ?? 'ECONNREFUSED'
  const [cause, nextStep] = meanings[code] ?? [null, 'Check host, port and network.']
  throw new HopFailure(said.join(', '), cause, nextStep)
}
