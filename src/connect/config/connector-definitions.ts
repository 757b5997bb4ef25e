/** The configs every connector has (ConnectorConfig, SourceConnectorConfig, SinkConnectorConfig of Kafka's runtime). */
import { ConfigError, invalidValue } from '../../config/config-error.ts'
import type { ConnectConfigKey } from '../api/config.ts'
import { atLeast } from './config-def.ts'
import { oneOf, oneOfIgnoringCase, type Validator, validRegex } from './plugin-config.ts'

const COMMON = 'Common'
const ERRORS = 'Error Handling'
const EXACTLY_ONCE = 'Exactly Once Support'

type Rest = Omit<Partial<ConnectConfigKey>, 'name' | 'type' | 'documentation'>

const key = (name: string, type: ConnectConfigKey['type'], documentation: string, rest: Rest): ConnectConfigKey => ({
  name,
  type,
  documentation,
  importance: 'LOW',
  ...rest,
})

const common = (order: number, displayName: string, width: ConnectConfigKey['width'] = 'SHORT'): Rest => ({
  group: COMMON,
  orderInGroup: order,
  width,
  displayName,
})

const errors = (order: number, displayName: string, width: ConnectConfigKey['width']): Rest => ({
  importance: 'MEDIUM',
  group: ERRORS,
  orderInGroup: order,
  width,
  displayName,
})

const plainName: Validator = (name, value) => {
  if (value === null) return
  const text = String(value)
  if (text === '') throw invalidValue(name, text, 'String may not be empty')
  const control = [...text].map((char) => char.charCodeAt(0)).filter((code) => code < 0x20 || code === 0x7f)
  if (control.length === 0) return
  const why = 'String may not contain control sequences but had the following ASCII chars'
  throw invalidValue(name, text, `${why}: ${control.join(', ')}`)
}

const aliases: Validator = (name, value) => {
  const list = value as readonly string[] | null
  if (list === null) return
  if (list.includes('')) throw new ConfigError(`Configuration '${name}' values must not be empty.`)
  if (new Set(list).size < list.length) throw invalidValue(name, `[${list.join(', ')}]`, 'Duplicate alias provided.')
}

/** What a connector's own converters default to: those of the worker. */
export interface ConverterDefaults {
  readonly key: string
  readonly value: string
  readonly header: string
}

const ERROR_CONFIGS: readonly ConnectConfigKey[] = [
  key(
    'errors.retry.timeout',
    'LONG',
    'How long a failed operation is tried again, in ms; 0: not at all, -1: for ever.',
    {
      ...errors(1, 'Retry Timeout for Errors', 'MEDIUM'),
      defaultValue: 0n,
    },
  ),
  key('errors.retry.delay.max.ms', 'LONG', 'The longest pause between two tries.', {
    ...errors(2, 'Maximum Delay Between Retries for Errors', 'MEDIUM'),
    defaultValue: 60_000n,
  }),
  key('errors.tolerance', 'STRING', 'none: an error fails the task; all: records with errors are skipped.', {
    ...errors(3, 'Error Tolerance', 'SHORT'),
    defaultValue: 'none',
    validator: oneOfIgnoringCase('NONE', 'ALL'),
  }),
  key('errors.log.enable', 'BOOLEAN', 'Are errors logged, and the operation they happened in?', {
    ...errors(4, 'Log Errors', 'SHORT'),
    defaultValue: false,
  }),
  key('errors.log.include.messages', 'BOOLEAN', 'Does the log say which record it was?', {
    ...errors(5, 'Log Error Details', 'SHORT'),
    defaultValue: false,
  }),
]

/** @param defaults the worker's converters */
export const connectorConfigs = (defaults: ConverterDefaults, version: string): readonly ConnectConfigKey[] => [
  key('name', 'STRING', 'The name of the connector, which no other has.', {
    ...common(1, 'Connector name', 'MEDIUM'),
    importance: 'HIGH',
    validator: plainName,
  }),
  key(
    'connector.class',
    'STRING',
    "The connector's class, or its name for short: FileStreamSource stands for org.apache.kafka.connect.file.FileStreamSourceConnector.",
    {
      ...common(2, 'Connector class', 'LONG'),
      importance: 'HIGH',
    },
  ),
  key('connector.plugin.version', 'STRING', 'The version of the connector.', {
    ...common(3, 'Connector version', 'MEDIUM'),
    importance: 'MEDIUM',
    defaultValue: version,
  }),
  key('tasks.max', 'INT', 'How many tasks the connector may have.', {
    ...common(4, 'Tasks max'),
    importance: 'HIGH',
    defaultValue: 1,
    validator: atLeast(1),
  }),
  key('tasks.max.enforce', 'BOOLEAN', 'Does a connector fail that makes more tasks than tasks.max?', {
    ...common(5, 'Enforce tasks max'),
    defaultValue: true,
  }),
  key('key.converter', 'CLASS', 'Converter of keys.', {
    ...common(6, 'Key converter class'),
    defaultValue: defaults.key,
  }),
  key('value.converter', 'CLASS', 'Converter of values.', {
    ...common(8, 'Value converter class'),
    defaultValue: defaults.value,
  }),
  key('header.converter', 'CLASS', 'Converter of headers.', {
    ...common(10, 'Header converter class'),
    defaultValue: defaults.header,
  }),
  key('transforms', 'LIST', 'Names of the transformations, in the order they are applied in.', {
    group: 'Transforms',
    orderInGroup: 12,
    width: 'LONG',
    displayName: 'Transforms',
    defaultValue: [],
    validator: aliases,
  }),
  key('predicates', 'LIST', 'Names of the predicates that transformations use.', {
    group: 'Predicates',
    orderInGroup: 13,
    width: 'LONG',
    displayName: 'Predicates',
    defaultValue: [],
    validator: aliases,
  }),
  key('config.action.reload', 'STRING', 'What to do when external config values change; kt reads none.', {
    ...common(14, 'Reload Action', 'MEDIUM'),
    defaultValue: 'restart',
    validator: oneOf('none', 'restart'),
  }),
  ...ERROR_CONFIGS,
]

export const SOURCE_CONFIGS: readonly ConnectConfigKey[] = [
  key('topic.creation.groups', 'LIST', 'Names of groups of topics that are created with configs of their own.', {
    group: 'Topic Creation',
    orderInGroup: 1,
    width: 'LONG',
    displayName: 'Topic Creation Groups',
    defaultValue: [],
    validator: aliases,
  }),
  key('exactly.once.support', 'STRING', 'requested or required; kt delivers at least once, so that required fails.', {
    importance: 'MEDIUM',
    group: EXACTLY_ONCE,
    orderInGroup: 2,
    width: 'SHORT',
    displayName: 'Exactly once support',
    defaultValue: 'requested',
    validator: oneOfIgnoringCase('REQUESTED', 'REQUIRED'),
  }),
]

export const SINK_CONFIGS: readonly ConnectConfigKey[] = [
  key('topics', 'LIST', 'The topics to read.', {
    ...common(4, 'Topics', 'LONG'),
    importance: 'HIGH',
    defaultValue: [],
  }),
  key('topics.regex', 'STRING', 'Or a pattern of their names.', {
    ...common(4, 'Topics regex', 'LONG'),
    importance: 'HIGH',
    defaultValue: '',
    validator: validRegex,
  }),
  key('errors.deadletterqueue.topic.name', 'STRING', 'The topic that records with errors go to; empty: none.', {
    ...errors(6, 'Dead Letter Queue Topic Name', 'MEDIUM'),
    defaultValue: '',
  }),
  key('errors.deadletterqueue.topic.replication.factor', 'SHORT', 'Of that topic, if it has to be made.', {
    ...errors(7, 'Dead Letter Queue Topic Replication Factor', 'MEDIUM'),
    defaultValue: 3,
  }),
  key('errors.deadletterqueue.context.headers.enable', 'BOOLEAN', 'Do headers tell where the error happened?', {
    ...errors(8, 'Enable Error Context Headers', 'MEDIUM'),
    defaultValue: false,
  }),
]
