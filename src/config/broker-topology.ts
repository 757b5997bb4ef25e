/** Roles, listeners, quorum and directories of a node, read from its configuration with Kafka's rules. */
import { ConfigError, failedRequirement } from './config-error.ts'
import type { ConfigMap } from './config-map.ts'
import {
  type Endpoint,
  parseEndpoints,
  type SecurityProtocol,
  securityProtocol,
  securityProtocolMap,
} from './listeners.ts'
import { parseVoters } from './named-checks.ts'

/** What a node does. */
export type ProcessRole = 'broker' | 'controller'

/** Where a node stands: its id, roles and addresses. */
export class BrokerTopology {
  readonly nodeId: number
  readonly roles: ReadonlySet<ProcessRole>
  /** Every socket the node listens on. */
  readonly listeners: readonly Endpoint[]
  /** Of `listeners`, those of the controller. */
  readonly controllerListeners: readonly Endpoint[]
  /** Of `listeners`, those clients and brokers use. */
  readonly brokerListeners: readonly Endpoint[]
  /** What clients are told. A null host means the machine's own name; port 0 the port the listener got. */
  readonly advertisedListeners: readonly Endpoint[]
  /** Upper-case listener names of controllers, also of remote ones. */
  readonly controllerListenerNames: readonly string[]
  readonly interBrokerListener: string
  readonly interBrokerSecurityProtocol: SecurityProtocol
  readonly securityProtocols: ReadonlyMap<string, SecurityProtocol>
  /** Directories of partitions, at least one. */
  readonly logDirs: readonly string[]
  /** cordoned.log.dirs (KIP-1066): those of logDirs that take no new partitions. */
  readonly cordonedLogDirs: readonly string[]
  /** Whether the broker as a whole takes no new partitions. */
  readonly isCordoned: boolean
  /** Directory of the metadata log. */
  readonly metadataLogDir: string
  /** Static voters, empty with a dynamic quorum (KIP-853). */
  readonly quorumVoters: readonly { id: number; host: string; port: number }[]
  readonly quorumBootstrapServers: readonly string[]

  /** @throws ConfigError in Kafka's words where listeners, names and protocols don't fit */
  constructor(config: ConfigMap, isSet: (name: string) => boolean) {
    this.nodeId = config.int('node.id')
    if (this.nodeId !== config.int('broker.id')) {
      throw new ConfigError('You must set `node.id` to the same value as `broker.id`.')
    }
    this.roles = new Set(config.list('process.roles') as readonly ProcessRole[])
    this.logDirs = config.listOrNull('log.dirs') ?? config.list('log.dir')
    const cordoned = config.listOrNull('cordoned.log.dirs') ?? []
    this.cordonedLogDirs = cordoned.includes('*') ? this.logDirs : cordoned
    this.isCordoned = this.logDirs.every((dir) => this.cordonedLogDirs.includes(dir))
    this.metadataLogDir = config.stringOrNull('metadata.log.dir') ?? this.logDirs[0]!
    this.quorumVoters = parseVoters('controller.quorum.voters', config.list('controller.quorum.voters'))
    this.quorumBootstrapServers = config.list('controller.quorum.bootstrap.servers')

    const listenerTexts = config.list('listeners')
    const controllerNames = config.list('controller.listener.names')
    this.controllerListenerNames = controllerNames.map((name) => name.toUpperCase())
    this.securityProtocols = securityProtocolMap(
      config.string('listener.security.protocol.map'),
      isSet('listener.security.protocol.map'),
      controllerNames,
      listenerTexts,
    )
    const isController = (endpoint: Endpoint) => this.controllerListenerNames.includes(endpoint.listener)
    const isBroker = (endpoint: Endpoint) => !isController(endpoint)
    const advertised = config.listOrNull('advertised.listeners')
    this.listeners = parseEndpoints(listenerTexts, this.securityProtocols, true)
    this.controllerListeners = this.listeners.filter(isController)
    this.brokerListeners = this.listeners.filter(isBroker)
    this.advertisedListeners = (
      advertised === null ? this.listeners : parseEndpoints(advertised, this.securityProtocols, false)
    ).filter(isBroker)
    ;[this.interBrokerListener, this.interBrokerSecurityProtocol] = this.#interBroker(config, isSet)
    this.#check()
  }

  isBroker(): boolean {
    return this.roles.has('broker')
  }

  isController(): boolean {
    return this.roles.has('controller')
  }

  #interBroker(config: ConfigMap, isSet: (name: string) => boolean): [string, SecurityProtocol] {
    const name = config.stringOrNull('inter.broker.listener.name')
    if (name === null) {
      const property = 'security.inter.broker.protocol'
      const protocol = securityProtocol(config.string(property), property)
      return [protocol, protocol]
    }
    if (isSet('security.inter.broker.protocol')) {
      throw new ConfigError('Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.')
    }
    if (name === '') throw new ConfigError('The provided listener name is null or empty string')
    const listener = name.toUpperCase()
    const protocol = this.securityProtocols.get(listener)
    if (protocol === undefined) {
      throw new ConfigError(
        `Listener with name ${listener} defined in inter.broker.listener.name ` +
          'not found in listener.security.protocol.map.',
      )
    }
    return [listener, protocol]
  }

  /** The order of the checks is Kafka's, so that a config with several mistakes names the same one. */
  #check(): void {
    if (this.quorumVoters.length === 0 && this.quorumBootstrapServers.length === 0) {
      throw new ConfigError(
        'If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap ' +
          'controllers or controller.quorum.voters must contain a parseable set of controllers.',
      )
    }
    if (!this.isController()) this.#checkBrokerOnly()
    else this.#checkController()
    if (this.isBroker()) this.#checkAdvertised()
    if (this.advertisedListeners.some((endpoint) => endpoint.host === '0.0.0.0')) {
      throw failedRequirement(
        'advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.',
      )
    }
  }

  #checkBrokerOnly(): void {
    if (this.#isVoter()) {
      throw failedRequirement(
        `If process.roles contains just the 'broker' role, the node id ${this.nodeId} must not be included ` +
          `in the set of voters controller.quorum.voters=${this.#voterIds()}`,
      )
    }
    if (this.controllerListeners.length > 0) {
      throw failedRequirement(
        "controller.listener.names must not contain a value appearing in the 'listeners' configuration " +
          'when running KRaft with just the broker role',
      )
    }
    const unmapped = this.controllerListenerNames.find((name) => !this.securityProtocols.has(name))
    if (unmapped !== undefined) {
      throw new ConfigError(
        `Controller listener with name ${unmapped} defined in controller.listener.names not found in ` +
          'listener.security.protocol.map  (an explicit security mapping for each controller listener is required ' +
          'if listener.security.protocol.map is non-empty, or if there are security protocols other than PLAINTEXT in use)',
      )
    }
  }

  #checkController(): void {
    if (!this.isBroker() && this.brokerListeners.length > 0) {
      throw failedRequirement(
        'The listeners config must only contain KRaft controller listeners from controller.listener.names ' +
          'when process.roles=controller',
      )
    }
    if (this.quorumVoters.length > 0 && !this.#isVoter()) {
      throw failedRequirement(
        `If process.roles contains the 'controller' role, the node id ${this.nodeId} must be included ` +
          `in the set of voters controller.quorum.voters=${this.#voterIds()}`,
      )
    }
    if (this.controllerListeners.length === 0) {
      throw failedRequirement(
        "controller.listener.names must contain at least one value appearing in the 'listeners' configuration " +
          'when running the KRaft controller role',
      )
    }
    const names = new Set(this.listeners.map((endpoint) => endpoint.listener))
    if (!this.controllerListenerNames.every((name) => names.has(name))) {
      throw failedRequirement(
        "controller.listener.names must only contain values appearing in the 'listeners' configuration " +
          'when running the KRaft controller role',
      )
    }
  }

  #checkAdvertised(): void {
    const advertised = this.advertisedListeners.map((endpoint) => endpoint.listener)
    if (advertised.length === 0) {
      throw failedRequirement(
        'There must be at least one broker advertised listener. ' +
          'Perhaps all listeners appear in controller.listener.names?',
      )
    }
    if (!advertised.includes(this.interBrokerListener)) {
      throw failedRequirement(
        'inter.broker.listener.name must be a listener name defined in advertised.listeners. ' +
          `The valid options based on currently configured listeners are ${advertised.join(',')}`,
      )
    }
    const names = this.listeners.map((endpoint) => endpoint.listener)
    if (!advertised.every((name) => names.includes(name))) {
      throw failedRequirement(
        'advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. ' +
          `Found ${advertised.join(',')}. The valid options based on the current configuration are ${names.join(',')}`,
      )
    }
  }

  #isVoter(): boolean {
    return this.quorumVoters.some((voter) => voter.id === this.nodeId)
  }

  #voterIds(): string {
    return `Set(${this.quorumVoters.map((voter) => voter.id).join(', ')})`
  }
}
