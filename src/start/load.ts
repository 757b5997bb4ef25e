/**
 * Loads the program's files with code compiled at an earlier start: compiling takes as long as all else that a short command does. Node does
 * the like from 22.1 on (module.enableCompileCache), for files it loads itself.
 */
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import * as zlib from 'node:zlib'
import { cacheDirectory } from '../base/cache-directory.ts'
import { type CompiledCode, readCompiled, writeCompiled } from './code-cache.ts'

type Require = (id: string) => unknown

interface Module {
  exports: unknown
}

type Import = (specifier: string) => Promise<unknown>

type Body = (
  exports: unknown,
  require: Require,
  module: Module,
  file: string,
  folder: string,
  dynamicImport: Import,
) => void

/** A process that goes on for so long won't end soon: what it needs at its start is compiled by then. */
const SETTLED_MS = 3000

/** What can be a command; whatever else is typed has no cache of its own. */
const COMMAND = /^[a-z][a-z-]{1,40}$/

/** Files of one bundle, each run once. */
class Bundle {
  private readonly root: string
  private readonly compiled: CompiledCode
  private readonly outside: Require
  private readonly modules = new Map<string, Module>()
  private readonly scripts = new Map<string, Script>()
  /** Something was compiled that the cache didn't have. */
  grown = false

  /**
   * @param root folder of the bundle
   * @param outside requires what is no file of the bundle
   */
  constructor(root: string, compiled: CompiledCode, outside: Require) {
    this.root = root
    this.compiled = compiled
    this.outside = outside
  }

  /** @returns the exports of a file, which runs if it hasn't yet */
  load(file: string): unknown {
    const known = this.modules.get(file)
    if (known) return known.exports
    const module: Module = { exports: {} }
    this.modules.set(file, module)
    const folder = dirname(file)
    const require = (id: string): unknown => (id.startsWith('.') ? this.load(resolve(folder, id)) : this.outside(id))
    const body = this.compile(file).runInThisContext() as Body
    // Code that comes out of the cache has no import() of its own.
    body(module.exports, require, module, file, folder, (specifier) => import(specifier))
    return module.exports
  }

  private compile(file: string): Script {
    const name = relative(this.root, file)
    const cachedData = this.compiled.get(name)
    // The bundler writes ASCII.
    const source = `(function(exports,require,module,__filename,__dirname,ktImport){${readFileSync(file, 'latin1')}\n})`
    const script = new Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) })
    if (!cachedData || script.cachedDataRejected) this.grown = true
    this.scripts.set(name, script)
    return script
  }

  /** Code of all that was loaded, and what the cache has of files that weren't this time. */
  code(): CompiledCode {
    const fresh = [...this.scripts].map(([name, script]): [string, Buffer] => [name, script.createCachedData()])
    return new Map([...this.compiled, ...fresh])
  }
}

/**
 * Loads a file of the bundle and all it needs. This file lies in the bundle's folder itself.
 *
 * @param file below that folder
 * @param use what the process is for, as `topics`: each has a cache of its own, since each needs other functions
 * @param outside Node's `require` of a file in the bundle
 * @returns its exports
 */
export function load(file: string, use: string | undefined, outside: Require): unknown {
  const root = dirname(fileURLToPath(import.meta.url))
  const path = join(root, file)
  if (!('crc32' in zlib) || process.env.NODE_DISABLE_COMPILE_CACHE) return outside(path)
  const cache = join(cacheDirectory(process.env), 'code', buildId(root), use && COMMAND.test(use) ? use : 'kt')
  const bundle = new Bundle(root, readCompiled(cache), outside)
  const save = (): void => {
    if (!bundle.grown) return
    bundle.grown = false
    writeCompiled(cache, bundle.code())
  }
  setTimeout(save, SETTLED_MS).unref()
  // A command that failed has not come to what it is for.
  process.on('exit', (code) => {
    if (code === 0) save()
  })
  return bundle.load(path)
}

/** Names this build for this Node. */
const buildId = (root: string): string => {
  const { mtimeMs, size } = statSync(join(root, 'start.js'))
  return `${process.version}-${process.arch}-${Math.floor(mtimeMs).toString(36)}-${size.toString(36)}`
}
