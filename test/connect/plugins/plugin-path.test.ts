import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand } from '../../../src/cli/run-command.ts'
import { loadPluginPath } from '../../../src/connect/plugins/plugin-path.ts'
import { Plugins } from '../../../src/connect/plugins/registry.ts'
import { Log, LogTarget } from '../../../src/connect/runtime/log.ts'
import * as connectPluginPath from '../../../src/tools/connect-plugin-path/command.ts'
import { memoryIo } from '../../cli/memory-io.ts'

let dir: string
let log: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kt-plugins-'))
  log = ''
})
afterEach(() => rmSync(dir, { recursive: true }))

const module = (className: string, type = 'predicate'): string =>
  `export default { type: '${type}', className: '${className}', version: '2', configs: [], make: () => ({ configure() {}, test: () => true }) }\n`

/** A zip with one deflated file. */
const jar = (name: string, content: string): Buffer => {
  const data = deflateRawSync(content)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(name.length, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt32LE(content.length, 24)
  entry.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(30 + name.length + data.length, 16)
  return Buffer.concat([local, Buffer.from(name), data, entry, Buffer.from(name), end])
}

const fill = (): void => {
  writeFileSync(join(dir, 'one.mjs'), module('com.example.OnePredicate'))
  mkdirSync(join(dir, 'two'))
  writeFileSync(join(dir, 'two', 'package.json'), '{"type":"module","main":"main.js"}')
  writeFileSync(join(dir, 'two', 'main.js'), module('com.example.Two'))
  writeFileSync(join(dir, 'broken.mjs'), 'export default { type: "predicate" }\n')
  const services = 'META-INF/services/org.apache.kafka.connect.sink.SinkConnector'
  writeFileSync(join(dir, 'java.jar'), jar(services, '# licence\ncom.example.JavaSinkConnector\n'))
}

const load = () => {
  const target = new LogTarget((line) => {
    log += line
  })
  return loadPluginPath([dir, join(dir, 'nowhere')], new Log(target))
}

describe('plugin.path', () => {
  it('loads modules and folders, and tells what it can not load', async () => {
    fill()
    const plugins = await load()
    expect(plugins.map(({ className }) => className)).toEqual(['com.example.OnePredicate', 'com.example.Two'])
    expect(log).toMatch(/ERROR Failed to load plugins from .*broken\.mjs: its default export is no plugin/)
    expect(log).toMatch(/WARN Java plugins can't be loaded by kt, which runs no JVM; left out: .*java\.jar\n/)
    expect(log).toMatch(/ERROR Could not get listing for plugin path: .*nowhere/)
  })

  it('finds plugins by class, class without package, and that without what it is', async () => {
    fill()
    const plugins = new Plugins(await load())
    for (const name of ['com.example.OnePredicate', 'OnePredicate', 'One']) {
      expect(plugins.find(name, 'predicate')?.className).toBe('com.example.OnePredicate')
    }
    expect(plugins.find('One', 'sink')).toBeUndefined()
  })
})

const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const io = memoryIo()
  const code = await runCommand(connectPluginPath, args, io)
  return { code, out: io.out.text, err: io.err.text }
}

describe('kt connect-plugin-path', () => {
  it('lists JavaScript plugins, and what the manifests of jars name', async () => {
    fill()
    const { code, out, err } = await run('list', '--plugin-path', dir)
    expect(code).toBe(0)
    expect(out).toContain(`com.example.OnePredicate\tOnePredicate\tOne\t2\tpredicate\ttrue\ttrue\t${dir}/one.mjs\n`)
    expect(out).toContain(
      `com.example.JavaSinkConnector\tJavaSinkConnector\tJavaSink\tundefined\tsink\tfalse\ttrue\t${dir}/java.jar\n`,
    )
    expect(out).toMatch(/\n\nTotal plugins: {6}\t3\nLoadable plugins: {3}\t2\nCompatible plugins: \t2\n$/)
    expect(err).toContain('broken.mjs is left out')
  })

  it('fails for places that are not there, for broken jars by their name, and for sync-manifests', async () => {
    const missing = await run('list', '--plugin-location', join(dir, 'x'))
    expect(missing).toMatchObject({ code: 1, err: `Specified location ${join(dir, 'x')} does not exist\n` })
    writeFileSync(join(dir, 'bad.jar'), 'no zip')
    expect((await run('list', '--plugin-path', dir)).err).toContain('bad.jar is not a jar')
    const sync = await run('sync-manifests', '--plugin-path', dir)
    expect(sync.code).toBe(1)
    expect(sync.err).toContain('no sync-manifests')
  })
})
