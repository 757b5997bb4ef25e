/** Kafka's own predicates (org.apache.kafka.connect.transforms.predicates): conditions for transformations. */
import { javaRegex } from '../../base/java-regex.ts'
import type { ConnectConfigKey, Props } from '../api/config.ts'
import type { Predicate, PredicatePlugin } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import { KAFKA_VERSION } from '../api/version.ts'
import { nonEmptyString, PluginConfig, validRegex } from '../config/plugin-config.ts'

const NAME: ConnectConfigKey = {
  name: 'name',
  type: 'STRING',
  importance: 'MEDIUM',
  documentation: 'Name of a header that the record has to have.',
  validator: nonEmptyString,
}

class HasHeaderKey implements Predicate {
  private name = ''

  configure(props: Props): void {
    this.name = new PluginConfig([NAME], props).text('name')!
  }

  test(record: ConnectRecord): boolean {
    return record.headers.some(({ key }) => key === this.name)
  }
}

const PATTERN: ConnectConfigKey = {
  name: 'pattern',
  type: 'STRING',
  importance: 'MEDIUM',
  documentation: 'Java regular expression that the whole name of the topic has to match.',
  validator: (name, value) => {
    nonEmptyString(name, value)
    validRegex(name, value)
  },
}

class TopicNameMatches implements Predicate {
  private pattern = /^/

  configure(props: Props): void {
    this.pattern = javaRegex(new PluginConfig([PATTERN], props).text('pattern')!)
  }

  test(record: ConnectRecord): boolean {
    return this.pattern.test(record.topic)
  }
}

const predicate = (name: string, configs: readonly ConnectConfigKey[], make: () => Predicate): PredicatePlugin => ({
  type: 'predicate',
  className: `org.apache.kafka.connect.transforms.predicates.${name}`,
  version: KAFKA_VERSION,
  configs,
  make,
})

export const predicatePlugins: readonly PredicatePlugin[] = [
  predicate('HasHeaderKey', [NAME], () => new HasHeaderKey()),
  predicate('RecordIsTombstone', [], () => ({ configure() {}, test: (record) => record.value === null })),
  predicate('TopicNameMatches', [PATTERN], () => new TopicNameMatches()),
]
