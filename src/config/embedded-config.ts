/** The configuration of a one-node broker that runs on this machine for its user. */

/** What the embedded broker's configuration depends on. */
export interface EmbeddedOptions {
  /** Client port; 0 lets the system choose. */
  readonly port: number
  /** Directory of partitions and metadata log. */
  readonly dataDir: string
  /** Host to bind and advertise; 'localhost' unless given. */
  readonly host?: string
  /** Port of the controller listener; 0 unless given. */
  readonly controllerPort?: number
  /** 1 unless given. */
  readonly nodeId?: number
  /** Properties that replace or add to the defaults. */
  readonly overrides?: Readonly<Record<string, string>>
}

/**
 * @returns server.properties of a combined broker and controller: Kafka's defaults but for what a single node needs
 */
export function defaultEmbeddedProperties(options: EmbeddedOptions): Map<string, string> {
  const { port, dataDir, host = 'localhost', controllerPort = 0, nodeId = 1, overrides = {} } = options
  return new Map(
    Object.entries({
      'process.roles': 'broker,controller',
      'node.id': String(nodeId),
      'controller.quorum.bootstrap.servers': `${host}:${controllerPort}`,
      listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://${host}:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': dataDir,
      'offsets.topic.replication.factor': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      'group.initial.rebalance.delay.ms': '0',
      ...overrides,
    }),
  )
}
