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

/** What a user's module is used for. */
export interface OwnUse {
  /** What it is, for errors: `formatter`. */
  what: string
  /** Name of the function, where an object is exported. */
  name: string
  /** The shortest module that would do. */
  example: string
}

/** A user's function, and what an object has it call after all else. */
export interface OwnModule<F> {
  call: F
  close: (() => unknown) | undefined
}

/**
 * Opens a user's own JavaScript module, whose default export is a function, or an object with that function and, if it likes, `configure(properties)`,
 * which is called now where there are any, and `close()`.
 *
 * @param path relative to the working directory
 * @throws OwnModuleError
 */
export async function openOwnModule<F>(
  path: string,
  { what, name, example }: OwnUse,
  properties?: ReadonlyMap<string, string>,
): Promise<OwnModule<F>> {
  const exported = await loadDefault(path)
  if (typeof exported === 'function') return { call: exported as F, close: undefined }
  const member = <M>(key: string): M | undefined => {
    const found = (exported as Readonly<Record<string, unknown>>)[key]
    return typeof found === 'function' ? (found.bind(exported) as M) : undefined
  }
  const call = member<F>(name)
  if (call === undefined) throw new OwnModuleError(`${path} exports no ${what}.`, example)
  if (properties) member<(properties: object) => void>('configure')?.(Object.fromEntries(properties))
  return { call, close: member('close') }
}

async function loadDefault(path: string): Promise<object> {
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
  if (typeof found === 'function' || (typeof found === 'object' && found !== null)) return found
  throw new OwnModuleError(`${path} has no default export.`, 'Export a function: export default (…) => …')
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
