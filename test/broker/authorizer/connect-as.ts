import { type TestBroker, TestClient } from '../in-process.ts'

interface Listener {
  connections: Set<{ socket: { remotePort?: number } }>
}

/** A client that is somebody, as if it had authenticated. */
export async function connectAs(broker: TestBroker, principal: string, port = broker.port): Promise<TestClient> {
  const client = await TestClient.connect(port)
  const { listeners } = broker.broker as unknown as { listeners: Listener[] }
  const own = () =>
    listeners
      .flatMap(({ connections }) => [...connections])
      .find(({ socket }) => socket.remotePort === client.socket.localPort)
  let connection = own()
  // The server's side comes to be a turn of the event loop after the client's.
  while (!connection) {
    await new Promise((resolve) => setImmediate(resolve))
    connection = own()
  }
  Object.defineProperty(connection, 'principal', { value: principal })
  return client
}
