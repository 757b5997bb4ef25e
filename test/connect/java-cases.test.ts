import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agree } from './java/agree.ts'
import { type Case, runCase } from './java/exchange.ts'

interface Recorded {
  readonly case: Case
  readonly outcome: string
}

const recorded = JSON.parse(readFileSync(new URL('java/recorded.json', import.meta.url), 'utf8')) as Recorded[]
const byPlugin = new Map<string, Recorded[]>()
for (const each of recorded) byPlugin.set(each.case.plugin, [...(byPlugin.get(each.case.plugin) ?? []), each])

describe("what came of cases in Kafka's own classes comes of them here", () => {
  it.each([...byPlugin])('%s', (_plugin, cases) => {
    for (const { case: each, outcome } of cases) {
      const ours = runCase(each)
      if (!agree(outcome, ours)) expect({ each, outcome: ours }).toEqual({ each, outcome })
    }
    expect(cases.length).toBeGreaterThan(0)
  })
})
