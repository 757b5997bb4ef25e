import { readPropertiesFile } from '../../config/properties.ts'

/** The properties file named on the command line can't be read. */
export class PropertiesFileError extends Error {
  override name = 'PropertiesFileError'
  readonly exceptionClass = 'java.nio.file.NoSuchFileException'
  readonly detail: string
  readonly nextStep = 'Give the path of a server.properties that this user can read.'

  /** The message is the path alone, as Java's exception has it. */
  constructor(path: string, why: string, options: ErrorOptions) {
    super(path, options)
    this.detail = `The configuration file can't be read: ${why}.`
  }
}

/** Reads a server.properties. Throws PropertiesFileError naming the file and what is wrong with it, ConfigError when malformed. */
export const readServerProperties = (path: string): Map<string, string> => {
  try {
    return readPropertiesFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = code === 'ENOENT' ? 'it does not exist' : code === 'EISDIR' ? 'it is a directory' : message
    throw new PropertiesFileError(path, why, { cause: error })
  }
}

/**
 * Applies `--override key=value` arguments.
 * @throws Error in Kafka's words for one without a value
 */
export const applyOverrides = (
  properties: ReadonlyMap<string, string>,
  overrides: readonly string[],
): Map<string, string> => {
  const result = new Map(properties)
  for (const text of overrides) {
    if (text === '') continue
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    if (equals < 0 || text.slice(equals + 1) === '') throw new Error(`Missing value for key ${key}`)
    result.set(key, text.slice(equals + 1))
  }
  return result
}
