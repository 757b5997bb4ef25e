import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the package', () => {
  it('has what its program and its library start from', () => {
    const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ files }] = JSON.parse(text) as [{ files: { path: string }[] }]
    const paths = new Set(files.map(({ path }) => path))
    const needed = ['bin/run.js', 'bin/package.json', 'dist/package.json', 'dist/start.js', 'dist/cli/main.js']
    expect(
      [...needed, 'dist/embedded.js', 'oclif.manifest.json', 'man/kt.1'].filter((path) => !paths.has(path)),
    ).toEqual([])
  })

  it('gives the embedded broker to both kinds of modules', async () => {
    const path = new URL('../dist/embedded.js', import.meta.url).href
    const imported = (await import(path)) as Record<string, unknown>
    const required = createRequire(import.meta.url)('../dist/embedded.js') as Record<string, unknown>
    expect([typeof imported.startBroker, typeof required.startBroker]).toEqual(['function', 'function'])
  })
})
