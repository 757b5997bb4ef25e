import { type ConfigTexts, textEntries } from '../../config/config-def.ts'
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import { atLeast } from './config-def.ts'
import { PluginConfig } from './plugin-config.ts'

const key = (
  name: string,
  type: ConnectConfigKey['type'],
  defaultValue: ConnectConfigKey['defaultValue'],
  documentation: string,
  validator?: ConnectConfigKey['validator'],
): ConnectConfigKey => ({
  name,
  type,
  ...(defaultValue === undefined ? {} : { defaultValue }),
  importance: 'LOW',
  documentation,
  ...(validator === undefined ? {} : { validator }),
})

const LISTENER = /^(https?):\/\/\[?([^\]/?#]*?)\]?:(\d+)\/?$/i

const listeners: ConnectConfigKey['validator'] = (name, value) => {
  const list = value as readonly string[]
  if (list.length === 0)
    throw invalidValue(
      name,
      '',
      'Invalid value listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    )
  for (const listener of list) {
    if (!LISTENER.test(listener))
      throw invalidValue(name, listener, 'Listeners should be in the form of protocol://hostname:port.')
    if (/^https/i.test(listener)) {
      throw new ConfigError(
        `${name}: ${listener} can't be served: the REST API of kt has no TLS. Use http, behind a proxy where TLS is needed.`,
      )
    }
  }
}

/** The configs of a stand-alone worker that kt acts on (org.apache.kafka.connect.runtime.standalone.StandaloneConfig). */
const STANDALONE_CONFIGS: readonly ConnectConfigKey[] = [
  key('bootstrap.servers', 'LIST', ['localhost:9092'], 'Brokers to begin with, host:port.'),
  key('key.converter', 'STRING', undefined, 'Converter of keys.'),
  key('value.converter', 'STRING', undefined, 'Converter of values.'),
  key('header.converter', 'STRING', 'org.apache.kafka.connect.storage.SimpleHeaderConverter', 'Converter of headers.'),
  key('offset.storage.file.filename', 'STRING', undefined, 'The file with the offsets of sources.'),
  key('offset.flush.interval.ms', 'LONG', 60_000n, 'How often offsets are stored.', atLeast(0)),
  key('offset.flush.timeout.ms', 'LONG', 5000n, 'How long storing offsets may take.', atLeast(0)),
  key('task.shutdown.graceful.timeout.ms', 'LONG', 5000n, 'How long all tasks may take to stop.', atLeast(0)),
  key('listeners', 'LIST', ['http://:8083'], 'Where the REST API listens, http://host:port.', listeners),
  key('rest.advertised.host.name', 'STRING', null, 'The host others are told.'),
  key('rest.advertised.port', 'INT', null, 'The port others are told.'),
  key('rest.advertised.listener', 'STRING', null, 'http or https: which listener others are told.'),
  key('plugin.path', 'LIST', null, 'Folders with plugins.'),
  key('connector.client.config.override.policy', 'STRING', 'All', 'Which client configs connectors may override.'),
  key('topic.creation.enable', 'BOOLEAN', true, 'May source connectors with topic.creation.* create topics?'),
  key('topic.tracking.enable', 'BOOLEAN', true, 'Is it tracked which topics a connector uses?'),
  key('topic.tracking.allow.reset', 'BOOLEAN', true, 'May that be forgotten by request?'),
]

const KNOWN = new Set(STANDALONE_CONFIGS.map(({ name }) => name))

/** What Kafka has besides and kt takes without effect; the values are not looked at. */
const IGNORED =
  /^(?:access\.control\.allow\.(?:methods|origin)|admin\.listeners|client\.dns\.lookup|config\.providers.*|metric.*|auto\.include\.jmx\.reporter|plugin\.discovery|response\.http\.headers\.config|rest\.extension\.classes)$/
/** Belongs to clients, converters or TLS: passed on. */
const PASSED_ON =
  /^(?:producer|consumer|admin|key\.converter|value\.converter|header\.converter|ssl|sasl|security|listeners\.https)\./

/** Configs of a worker. */
export class WorkerConfig {
  readonly props: Props
  readonly #parsed: PluginConfig

  /** @throws ConfigError in Kafka's words */
  constructor(texts: ConfigTexts) {
    this.props = Object.fromEntries(textEntries(texts))
    this.#parsed = new PluginConfig(STANDALONE_CONFIGS, this.props)
  }

  string(name: string): string {
    return this.#parsed.text(name) as string
  }

  stringOrNull(name: string): string | null {
    return this.#parsed.text(name)
  }

  number(name: string): number {
    return Number(this.#parsed.number(name))
  }

  numberOrNull(name: string): number | null {
    return this.#parsed.number(name) === null ? null : this.number(name)
  }

  boolean(name: string): boolean {
    return this.#parsed.flag(name)
  }

  list(name: string): readonly string[] {
    return this.#parsed.list(name) ?? []
  }

  /** Names that nobody knows, for a warning. */
  unknown(): string[] {
    const clients = /^(?:client\.id|.*\.ms|receive\.buffer\.bytes|send\.buffer\.bytes|.*\.plugin\.version)$/
    return Object.keys(this.props).filter(
      (name) => !(KNOWN.has(name) || IGNORED.test(name) || PASSED_ON.test(name) || clients.test(name)),
    )
  }

  /** Configs that are in the file and do nothing in kt. */
  ignored(): string[] {
    return Object.keys(this.props).filter((name) => IGNORED.test(name) && this.props[name] !== '')
  }

  /** Listeners of the REST API. */
  listeners(): { host: string; port: number }[] {
    return this.list('listeners').map((text) => {
      const [, , host = '', port = ''] = LISTENER.exec(text) ?? []
      return { host: host === '0.0.0.0' ? '' : host, port: Number(port) }
    })
  }
}

/** The props whose names begin with `prefix`, without it. */
export const withPrefix = (props: Props, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(props).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  )
