import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Slow to load, or of no use to a short command. */
const HEAVY =
  /^(node_modules\/(kafkajs|inquirer|@inquirer|zod|chalk|cli-table3|pino|prom-client|yaml)\/|src\/broker\/|src\/storage\/)/
const HEAVY_PACKAGES =
  /^(kafkajs|inquirer|zod|chalk|cli-table3|pino|prom-client|snappy|lz4-napi|@napi-rs\/keyring|@bokuweb\/zstd-wasm)$/

interface Metafile {
  outputs: Record<
    string,
    {
      imports: { path: string; kind: string; external?: boolean }[]
      inputs: Record<string, unknown>
      entryPoint?: string
    }
  >
}

let metafile: Metafile

/** What importing one bundle loads at once: files, and the sources in them and outside packages. Dynamic imports are not followed. */
function filesAndSourcesOf(source: string): { files: Set<string>; loaded: string[] } {
  const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === source)
  if (!entry) throw new Error(`no bundle of ${source}: run npm run build`)
  const seen = new Set<string>()
  const loaded: string[] = []
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const output = metafile.outputs[name]!
    loaded.push(...Object.keys(output.inputs))
    for (const { path, kind, external } of output.imports) {
      if (kind === 'dynamic-import') continue
      if (external) loaded.push(path)
      else visit(path)
    }
  }
  visit(entry[0])
  return { files: seen, loaded }
}

const loadedBy = (source: string): string[] => filesAndSourcesOf(source).loaded

const heavy = (loaded: string[]): string[] => loaded.filter((name) => HEAVY.test(name) || HEAVY_PACKAGES.test(name))
const kt = (...args: string[]): string =>
  execFileSync(process.execPath, [join(root, 'bin/run.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

describe('start-up', () => {
  beforeAll(() => {
    const path = join(root, 'dist/meta.json')
    if (!existsSync(path)) throw new Error('dist is missing: run npm run build')
    metafile = JSON.parse(readFileSync(path, 'utf8')) as Metafile
  })

  it('loads neither oclif nor anything heavy before it knows the command', () => {
    const loaded = loadedBy('src/cli/main.ts')
    expect(heavy(loaded)).toEqual([])
    expect(loaded.filter((name) => name.startsWith('node_modules/'))).toEqual([])
  })

  // oclif.ts is what --version and --help go through.
  it.each([
    'src/cli/oclif.ts',
    'src/tools/topics/command.ts',
    'src/tools/console-producer/command.ts',
    'src/tools/consumer-groups/command.ts',
    'src/tools/configs/command.ts',
  ])('%s loads nothing heavy', (source) => {
    expect(heavy(loadedBy(source))).toEqual([])
  })

  // Each file costs a third of a millisecond; apart they were some fifty.
  it('loads what commands have in common from a few files', () => {
    const sources = ['src/tools/topics/command.ts', 'src/client/admin/connect.ts', 'src/client/admin/topics.ts']
    expect(new Set(sources.flatMap((source) => [...filesAndSourcesOf(source).files])).size).toBeLessThan(10)
  })

  it('answers --version and --help without a broker', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(kt('--version')).toContain(version)
    expect(kt('topics', '--version')).toMatch(/4\.3\.0/)
    expect(kt('--help')).toContain('topics')
    expect(kt('help', 'topics')).toContain('--create')
  })
})
