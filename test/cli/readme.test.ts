import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadSpecs } from '../../src/cli/commands.ts'

const readme = readFileSync('README.md', 'utf8')

describe('README', () => {
  it('has every command in its table of scripts, and no other', async () => {
    const rows = [...readme.matchAll(/^\| (?:`([\w.-]+)\.sh`|none) \| `kt ([\w-]+)`/gm)].map(([, script, name]) => [
      script,
      name,
    ])
    const expected = (await loadSpecs()).map(({ script, name }) => [
      /^(?:kafka|connect)-/.test(script) ? script : undefined,
      name,
    ])
    const byName = (a: (string | undefined)[], b: (string | undefined)[]): number => (a[1]! < b[1]! ? -1 : 1)
    expect(rows.sort(byName)).toEqual(expected.sort(byName))
  })
})
