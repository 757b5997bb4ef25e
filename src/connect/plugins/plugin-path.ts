import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from '../api/plugin.ts'
import type { Log } from '../runtime/log.ts'
import { messageOf } from '../runtime/trace.ts'
import type { PluginType } from './registry.ts'

const SCRIPT = /\.(?:m|c)?js$/
const ENTRIES = ['package.json', 'index.js', 'index.mjs', 'index.cjs']

const functionsOf: Readonly<Record<PluginType, readonly string[]>> = {
  source: ['makeConnector', 'makeTask'],
  sink: ['makeConnector', 'makeTask'],
  converter: ['make'],
  header_converter: ['make'],
  transformation: ['make'],
  predicate: ['make'],
}

/** What lies in one folder of `plugin.path`. */
export interface PluginFolder {
  /** JavaScript modules: files, or folders with an index or a package.json. */
  readonly modules: readonly string[]
  readonly jars: readonly string[]
}

const kindOf = (path: string): 'module' | 'jars' | 'jar' | 'other' => {
  if (path.endsWith('.jar') || path.endsWith('.zip')) return 'jar'
  if (!statSync(path).isDirectory()) return SCRIPT.test(path) ? 'module' : 'other'
  if (ENTRIES.some((name) => existsSync(join(path, name)))) return 'module'
  return 'jars'
}

/** @throws the system's error for a folder that can't be read */
export const readPluginFolder = (folder: string): PluginFolder => {
  const modules: string[] = []
  const jars: string[] = []
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    const kind = kindOf(path)
    if (kind === 'module') modules.push(path)
    else if (kind === 'jar') jars.push(path)
    else if (kind === 'jars')
      for (const inner of readdirSync(path)) if (inner.endsWith('.jar')) jars.push(join(path, inner))
  }
  return { modules, jars }
}

/** The file a folder's module begins with. */
const entryOf = async (path: string): Promise<string> => {
  if (!statSync(path).isDirectory()) return path
  const manifest = join(path, 'package.json')
  if (existsSync(manifest)) {
    const { readFile } = await import('node:fs/promises')
    const { exports, main } = JSON.parse(await readFile(manifest, 'utf8')) as { exports?: unknown; main?: unknown }
    const named = typeof exports === 'string' ? exports : main
    if (typeof named === 'string') return resolve(path, named)
  }
  return join(path, ENTRIES.find((name) => name !== 'package.json' && existsSync(join(path, name))) ?? 'index.js')
}

const isPlugin = (value: unknown): value is Plugin => {
  if (typeof value !== 'object' || value === null) return false
  const facts = value as Record<string, unknown>
  const wanted = functionsOf[facts.type as PluginType]
  return (
    wanted !== undefined &&
    typeof facts.className === 'string' &&
    typeof facts.version === 'string' &&
    Array.isArray(facts.configs) &&
    wanted.every((name) => typeof facts[name] === 'function')
  )
}

/**
 * Loads a module's plugins.
 * @throws Error naming what is wrong with its default export; whatever the module throws
 */
export const loadModule = async (path: string): Promise<Plugin[]> => {
  const entry = await entryOf(path)
  const { default: exported } = (await import(pathToFileURL(entry).href)) as { default?: unknown }
  const plugins = Array.isArray(exported) ? (exported as unknown[]) : [exported]
  return plugins.map((plugin) => {
    if (isPlugin(plugin)) return plugin
    throw new Error('its default export is no plugin: type, className, version, configs and the functions to make one')
  })
}

/** Loads the JavaScript plugins below the folders of `plugin.path`; what can't be loaded is told to the log. */
export const loadPluginPath = async (folders: readonly string[], log: Log): Promise<Plugin[]> => {
  const plugins: Plugin[] = []
  const jars: string[] = []
  for (const folder of folders.filter((name) => name !== '')) {
    let found: PluginFolder
    try {
      found = readPluginFolder(folder)
    } catch (error) {
      log.error(`Could not get listing for plugin path: ${folder}. Ignoring. ${messageOf(error)}`)
      continue
    }
    jars.push(...found.jars)
    for (const path of found.modules) {
      try {
        const loaded = await loadModule(path)
        plugins.push(...loaded)
        log.info(`Added ${loaded.map(({ className }) => `plugin '${className}'`).join(', ')} from ${path}`)
      } catch (error) {
        log.error(`Failed to load plugins from ${path}: ${messageOf(error)}`)
      }
    }
  }
  if (jars.length > 0) log.warn(`Java plugins can't be loaded by kt, which runs no JVM; left out: ${jars.join(', ')}`)
  return plugins
}
