import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from '../../../src/protocol/generated/48-describe-client-quotas.ts'
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../src/protocol/generated/49-alter-client-quotas.ts'
import type { TestClient } from '../in-process.ts'

interface Entity {
  entityType: string
  entityName: string | null
}

interface Alteration {
  entity: Entity[]
  ops: { key: string; value: number; remove: boolean }[]
}

interface Component {
  entityType: string
  matchType: number
  match: string | null
}

const e = (parts: Record<string, string | null>): Entity[] =>
  Object.entries(parts).map(([entityType, entityName]) => ({ entityType, entityName }))
const op = (key: string, value: number | null): Alteration['ops'][number] => ({
  key,
  value: value ?? 0,
  remove: value === null,
})
const alters: readonly [string, Alteration[]][] = [
  ['empty entity', [{ entity: [], ops: [op('producer_byte_rate', 1)] }]],
  ['unknown type', [{ entity: e({ group: 'x' }), ops: [op('producer_byte_rate', 1)] }]],
  ['empty name', [{ entity: e({ user: '' }), ops: [op('producer_byte_rate', 1)] }]],
  ['ip+user', [{ entity: e({ user: 'a', ip: '1.2.3.4' }), ops: [op('producer_byte_rate', 1)] }]],
  ['bad ip', [{ entity: e({ ip: 'no.such.host.invalid' }), ops: [op('connection_creation_rate', 1)] }]],
  ['ip with byte rate', [{ entity: e({ ip: '1.2.3.4' }), ops: [op('producer_byte_rate', 1)] }]],
  ['user with connection rate', [{ entity: e({ user: 'a' }), ops: [op('connection_creation_rate', 1)] }]],
  ['unknown key', [{ entity: e({ user: 'a' }), ops: [op('bogus', 1)] }]],
  ['unknown key removed', [{ entity: e({ user: 'a' }), ops: [op('bogus', null)] }]],
  ['zero', [{ entity: e({ user: 'a' }), ops: [op('producer_byte_rate', 0)] }]],
  ['negative', [{ entity: e({ user: 'a' }), ops: [op('request_percentage', -1)] }]],
  ['fraction', [{ entity: e({ user: 'a' }), ops: [op('producer_byte_rate', 1.5)] }]],
  ['fraction of a double', [{ entity: e({ user: 'frac' }), ops: [op('request_percentage', 1.5)] }]],
  ['too large for int', [{ entity: e({ ip: '1.2.3.4' }), ops: [op('connection_creation_rate', 2 ** 31)] }]],
  ['too large for long', [{ entity: e({ user: 'a' }), ops: [op('producer_byte_rate', 2 ** 64)] }]],
  ['nan', [{ entity: e({ user: 'nan' }), ops: [op('request_percentage', NaN)] }]],
  [
    'dup key',
    [
      {
        entity: e({ user: 'dup', 'client-id': null }),
        ops: [op('producer_byte_rate', 1), op('producer_byte_rate', 2)],
      },
    ],
  ],
  [
    'dup entity',
    [
      { entity: e({ user: 'bob', 'client-id': 'app' }), ops: [op('producer_byte_rate', 1)] },
      { entity: e({ 'client-id': 'app', user: 'bob' }), ops: [op('producer_byte_rate', 2)] },
    ],
  ],
  ['dup type', [{ entity: [...e({ user: 'bob' }), ...e({ user: 'alice' })], ops: [op('producer_byte_rate', 1)] }]],
  ['one bad of two ops', [{ entity: e({ user: 'mixed' }), ops: [op('producer_byte_rate', 1), op('bogus', 2)] }]],
  [
    'one bad of two entities',
    [
      { entity: e({ user: 'good' }), ops: [op('producer_byte_rate', 1)] },
      { entity: e({ user: 'bad' }), ops: [op('bogus', 2)] },
    ],
  ],
  [
    'defaults',
    [
      { entity: e({ user: null }), ops: [op('producer_byte_rate', 10)] },
      { entity: e({ user: null, 'client-id': null }), ops: [op('consumer_byte_rate', 11)] },
      { entity: e({ 'client-id': null }), ops: [op('consumer_byte_rate', 12)] },
      { entity: e({ ip: null }), ops: [op('connection_creation_rate', 13)] },
    ],
  ],
  [
    'named',
    [
      { entity: e({ user: 'a' }), ops: [op('producer_byte_rate', 10)] },
      {
        entity: e({ user: 'a', 'client-id': 'c' }),
        ops: [op('consumer_byte_rate', 11), op('controller_mutation_rate', 0.5)],
      },
      { entity: e({ 'client-id': 'c' }), ops: [op('consumer_byte_rate', 12)] },
      { entity: e({ ip: '127.0.0.1' }), ops: [op('connection_creation_rate', 1000)] },
    ],
  ],
  ['removal', [{ entity: e({ user: 'good' }), ops: [op('producer_byte_rate', null)] }]],
  ['removal of nothing', [{ entity: e({ user: 'never' }), ops: [op('producer_byte_rate', null)] }]],
  ['nothing', []],
]
const c = (entityType: string, matchType: number, match: string | null): Component => ({ entityType, matchType, match })
const describes: readonly [string, Component[]][] = [
  ['all', []],
  ['user a', [c('user', 0, 'a')]],
  ['user default', [c('user', 1, null)]],
  ['user any', [c('user', 2, null)]],
  ['user a client any', [c('user', 0, 'a'), c('client-id', 2, null)]],
  ['client any', [c('client-id', 2, null)]],
  ['both any', [c('client-id', 2, null), c('user', 2, null)]],
  ['ip any', [c('ip', 2, null)]],
  ['ip and user', [c('ip', 2, null), c('user', 2, null)]],
  ['empty type', [c('', 2, null)]],
  ['twice', [c('user', 2, null), c('user', 0, 'a')]],
  ['unsupported', [c('group', 2, null)]],
  ['exact null', [c('user', 0, null)]],
  ['default with text', [c('user', 1, 'a')]],
  ['any with text', [c('user', 2, 'a')]],
  ['match type 7', [c('user', 7, null)]],
]

const named = (entity: readonly Entity[]): string[] => entity.map((x) => `${x.entityType}=${x.entityName}`).sort()

/** Sends every case to a broker without quotas; returns a line for each answer. `kafka-answers.txt` holds those of Kafka 4.3.0. */
export async function answersOf(client: TestClient): Promise<string[]> {
  const lines: string[] = []
  for (const [name, entries] of alters) {
    for (const version of [0, 1]) {
      const message = { entries, validateOnly: version === 0 }
      const answer = await client.request(AlterClientQuotasRequest, AlterClientQuotasResponse, version, message)
      const results = answer.entries.map((x) => JSON.stringify([x.errorCode, x.errorMessage, named(x.entity)]))
      lines.push(`alter v${version} ${name} ${results.sort().join(' ')}`)
    }
  }
  for (const [name, components] of describes) {
    for (const strict of [false, true]) {
      for (const version of [0, 1]) {
        const message = { components, strict }
        const answer = await client.request(DescribeClientQuotasRequest, DescribeClientQuotasResponse, version, message)
        const entries = answer.entries?.map(({ entity, values }) =>
          JSON.stringify([named(entity), values.map(({ key, value }) => `${key}=${value}`).sort()]),
        )
        const shown = entries?.sort().join(' ') ?? 'null'
        lines.push(`describe v${version} ${name} ${strict} ${answer.errorCode} ${answer.errorMessage} ${shown}`)
      }
    }
  }
  return lines
}
