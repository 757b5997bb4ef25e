import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBroker } from '../in-process.ts'
import { ownBroker, questions, RIGHTS, Side } from './rights-matrix.ts'

/** What Apache Kafka 4.3.0 answered, by request and answer: the users; written by test/interop/authorization.ts. */
const recorded = JSON.parse(readFileSync(new URL('kafka-answers.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, number[]>
>
const names = [...new Set(questions().map(({ api }) => api.request.name))]

describe('users of different rights are answered as by Kafka', () => {
  let broker: TestBroker
  let side: Side
  beforeAll(async () => {
    broker = await ownBroker()
    side = new Side('kt', broker.port, broker.broker.listenerPort('SASL'))
    await side.prepare()
  })
  afterAll(async () => {
    side.close()
    await broker.stop()
  })

  it.each(names)('%s', async (name) => {
    const answers: Record<string, number[]> = {}
    for (const { api, version, user } of questions().filter((question) => question.api.request.name === name)) {
      const answer = await side.ask(user, api, version)
      answers[answer] ??= []
      answers[answer].push(user)
    }
    expect(answers).toEqual(recorded[name])
  })

  it('has users of every kind of right', () => {
    const operations = new Set(RIGHTS.flatMap((rights) => rights.map(([, operation]) => operation)))
    expect(operations.size).toBeGreaterThanOrEqual(10)
  })
})
