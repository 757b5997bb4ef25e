import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaApis, SUPPORT_TABLE, supportTable } from '../scripts/support-table.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../src/protocol/generated/18-api-versions.ts'
import { TestBroker, TestClient } from './broker/in-process.ts'

const text = readFileSync(SUPPORT_TABLE, 'utf8')

/** Rows of the table of a kind of listener: key → [name, versions here, versions of Kafka]. */
function rows(listener: string): Map<number, [string, string, string]> {
  const section = text.slice(text.indexOf(`## ${listener} listeners`)).split('\n## ')[0]!
  return new Map(
    [...section.matchAll(/^\| (\d+) \| (\w+) \| (\S+) \| (\S+) \|/gm)].map(([, key, name, here, kafka]) => [
      Number(key),
      [name!, here!, kafka!],
    ]),
  )
}

describe('docs/protocol-support.md', () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await TestBroker.start({}, { metricsPort: 0 })
  })
  afterAll(() => broker.stop())

  it('is what the list of APIs says (else: npm run support-table)', () => {
    expect(text).toBe(supportTable())
  })

  it('names every API of Kafka, with the versions of Kafka', () => {
    for (const listener of ['broker', 'controller']) {
      const found = rows(listener === 'broker' ? 'Broker' : 'Controller')
      const wanted = kafkaApis().filter(({ listeners }) => listeners.includes(listener))
      expect([...found.keys()]).toEqual(wanted.map(({ key }) => key))
      for (const { key, name, min, max } of wanted) {
        expect(found.get(key)).toEqual([name, expect.any(String), min === max ? String(min) : `${min}-${max}`])
      }
    }
  })

  it.each([
    ['Broker', 'PLAINTEXT'],
    ['Controller', 'CONTROLLER'],
  ])('is what ApiVersions answers (%s)', async (title, listener) => {
    const client = await TestClient.connect(broker.broker.listenerPort(listener))
    const { apiKeys } = await client.request(ApiVersionsRequest, ApiVersionsResponse, 4, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    })
    const answered = new Map(
      apiKeys.map(({ apiKey, minVersion, maxVersion }) => {
        // See the note on Produce in the document.
        const min = apiKey === 0 ? 3 : minVersion
        return [apiKey, min === maxVersion ? String(min) : `${min}-${maxVersion}`]
      }),
    )
    for (const [key, [name, here]] of rows(title)) expect(answered.get(key) ?? 'no', name).toBe(here)
    client.close()
  })
})
