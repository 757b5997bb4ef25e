import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** A port of an address where nothing listens now: for programs that have to be told theirs. */
export async function freePort(address = 'localhost'): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
