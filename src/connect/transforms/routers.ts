/** Sends records to other topics (RegexRouter and TimestampRouter of org.apache.kafka.connect.transforms). */
import { javaFindRegex, javaRegex, javaReplaceFirst } from '../../base/java-regex.ts'
import { SimpleDateFormat } from '../../base/simple-date-format.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Transformation } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { PluginConfig, validRegex } from '../config/plugin-config.ts'
import { DataError } from '../data/errors.ts'
import { oneTransformation } from './side.ts'

const REGEX_CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'regex',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'What a topic has to match, as a whole, to be replaced.',
    validator: validRegex,
  },
  {
    name: 'replacement',
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'What replaces the first match; $1 is what the first group matched.',
  },
]

class RegexRouter implements Transformation {
  private whole = /^/
  private first = /^/
  private replacement = ''

  configure(props: Props): void {
    const config = new PluginConfig(REGEX_CONFIGS, props)
    this.whole = javaRegex(config.text('regex')!)
    this.first = javaFindRegex(config.text('regex')!)
    this.replacement = config.text('replacement')!
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (!this.whole.test(record.topic)) return record
    return { ...record, topic: javaReplaceFirst(this.first, record.topic, this.replacement) }
  }
}

const TIMESTAMP_CONFIGS: readonly ConnectConfigKey[] = [
  {
    name: 'topic.format',
    type: 'STRING',
    defaultValue: `\${topic}-\${timestamp}`,
    importance: 'HIGH',
    documentation: `The new topic, with \${topic} for the old one and \${timestamp} for the record's time.`,
  },
  {
    name: 'timestamp.format',
    type: 'STRING',
    defaultValue: 'yyyyMMdd',
    importance: 'HIGH',
    documentation: 'How the time is written (UTC): a pattern of java.text.SimpleDateFormat.',
  },
]

class TimestampRouter implements Transformation {
  private topicFormat = ''
  private timestampFormat = new SimpleDateFormat('', 'UTC')

  configure(props: Props): void {
    const config = new PluginConfig(TIMESTAMP_CONFIGS, props)
    this.topicFormat = config.text('topic.format')!
    this.timestampFormat = new SimpleDateFormat(config.text('timestamp.format')!, 'UTC')
  }

  apply<R extends ConnectRecord>(record: R): R {
    const { topic, timestamp } = record
    if (timestamp === null) throw new DataError(`Timestamp missing on record: of topic ${topic}`)
    const time = this.timestampFormat.format(timestamp)
    return {
      ...record,
      topic: this.topicFormat.replaceAll(`\${topic}`, () => topic).replaceAll(`\${timestamp}`, () => time),
    }
  }
}

export const regexRouterTransformation = oneTransformation('RegexRouter', REGEX_CONFIGS, () => new RegexRouter())
export const timestampRouterTransformation = oneTransformation(
  'TimestampRouter',
  TIMESTAMP_CONFIGS,
  () => new TimestampRouter(),
)
