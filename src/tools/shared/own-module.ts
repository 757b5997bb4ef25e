import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A user's own module that can't be loaded, isn't what is needed, or gives what nobody can use. */
export class OwnModuleError extends Error {
  override readonly name = 'OwnModuleError'
  readonly nextStep: string | undefined

  constructor(message: string, nextStep?: string, options?: ErrorOptions) {
    super(message, options)
    this.nextStep = nextStep
  }
}

/** Whether this, where Kafka takes the name of a Java class, is the path of a JavaScript module instead. */
export const isModulePath = (name: string): boolean => /[\\/]/.test(name) || /\.[cm]?js$/.test(name)

/** What a module may have as its default export. */
export type OwnExport = ((...args: never[]) => unknown) | Readonly<Record<string, unknown>>

/**
 * Loads a user's own JavaScript module.
 *
 * @param path relative to the working directory
 * @returns its default export, a function or an object
 * @throws OwnModuleError
 */
export async function loadOwnModule(path: string): Promise<OwnExport> {
  const file = resolve(path)
  if (!existsSync(file)) throw new OwnModuleError(`There is no file ${path}.`, 'Check the path of the module.')
  let loaded: { default?: unknown }
  try {
    loaded = (await import(pathToFileURL(file).href)) as { default?: unknown }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const next = 'It has to be JavaScript: .mjs for ES modules, .cjs for CommonJS.'
    throw new OwnModuleError(`${path} can't be loaded: ${why}`, next, { cause: error })
  }
  const found = loaded.default
  if (typeof found === 'function' || (typeof found === 'object' && found !== null)) return found as OwnExport
  throw new OwnModuleError(`${path} has no default export.`, 'Export a function: export default (…) => …')
}

/**
 * The function of this name of an object that a module exports, or a function that is exported by itself.
 *
 * @returns undefined when the object has none
 */
export function ownFunction<F>(exported: OwnExport, name: string): F | undefined {
  if (typeof exported === 'function') return exported as F
  const found = exported[name]
  return typeof found === 'function' ? (found.bind(exported) as F) : undefined
}

/**
 * Text or bytes that a user's function answered.
 *
 * @param what the function, for the error
 * @returns null for null or undefined
 * @throws OwnModuleError for anything else
 */
export function ownBytes(answer: unknown, what: string): Buffer | null {
  if (answer === null || answer === undefined) return null
  if (typeof answer === 'string') return Buffer.from(answer, 'utf8')
  if (answer instanceof Uint8Array) return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
  const kind = answer instanceof Promise ? 'a promise' : Array.isArray(answer) ? 'a list' : `a ${typeof answer}`
  throw new OwnModuleError(`${what} gave ${kind}; it has to give text, bytes or null.`)
}
