import { readFileSync } from 'node:fs'
import { firstJsonValue } from './json-syntax.ts'

/** A JSON file that has not what the command wants; `exceptionClass` is Jackson's. */
export class JsonFileError extends Error {
  override name = 'JsonFileError'
  readonly exceptionClass = 'com.fasterxml.jackson.databind.JsonMappingException'
}

/** An object in a JSON file. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * The text of a JSON file.
 * @throws Error in the words of Kafka's tools, with the system's beside them unless they are that there is no such file
 */
export const readJsonText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw Object.assign(new Error(`Unable to read file ${path}`, { cause: error }), {
      detail: code === 'ENOENT' ? undefined : message,
    })
  }
}

/**
 * Reads a JSON file.
 * @returns undefined when it is no JSON
 * @throws Error when it can't be read
 */
export const readJsonFile = (path: string): unknown => {
  const text = readJsonText(path)
  try {
    return firstJsonValue(text)
  } catch {
    return undefined
  }
}

/** As Jackson prints it: what isn't there, as in a file of blanks, is nothing. */
const describe = (value: unknown): string => JSON.stringify(value) ?? ''

/** A value as an object, or the error Kafka's tools give. */
export const asObject = (value: unknown): Fields => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new JsonFileError(`Expected JSON object, received ${describe(value)}`)
}

/** A value as a list. */
export const asList = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw new JsonFileError(`Expected JSON array, received ${describe(value)}`)
}

const fieldOf = (object: Fields, name: string): unknown => {
  if (object[name] !== undefined) return object[name]
  throw new JsonFileError(`No such field exists: \`${name}\``)
}

/** A field that has to be a list. */
export const listField = (object: Fields, name: string): readonly unknown[] => asList(fieldOf(object, name))

/** A value that has to be a text. */
export const asText = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw new JsonFileError(`Expected \`String\` value, received ${describe(value)}`)
}

/** A field that has to be a text. */
export const stringField = (object: Fields, name: string): string => asText(fieldOf(object, name))

const LIMITS = { Integer: 2 ** 31, Long: 2 ** 63 } as const

/** A field that has to be a whole number. */
export const numberField = (object: Fields, name: string, type: keyof typeof LIMITS): number =>
  wholeNumber(fieldOf(object, name), type)

/** A value that has to be a whole number. */
export const wholeNumber = (value: unknown, type: keyof typeof LIMITS): number => {
  if (Number.isInteger(value) && Math.abs(value as number) < LIMITS[type]) return value as number
  throw new JsonFileError(`Expected \`${type}\` value, received ${describe(value)}`)
}
