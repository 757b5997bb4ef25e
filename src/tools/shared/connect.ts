import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { resolveBootstrap } from '../../cli/session.ts'
import type { Admin } from '../../client/types.ts'

/** Java client properties by name, as from a properties file. */
export type Properties = Map<string, string>

/** Opens an admin client; tests give their own. */
export type Connect = (properties: Properties) => Promise<Admin>

/** A file named on the command line that is not there; the message is the path alone, as Java's exception has it. */
export class NoSuchFileError extends Error {
  override name = 'NoSuchFileError'
  readonly exceptionClass = 'java.nio.file.NoSuchFileException'
  readonly detail = 'There is no such file; the path is relative to the current directory.'
}

/**
 * Reads a Java properties file.
 * @throws NoSuchFileError, or the error of reading or parsing it
 */
export const loadProperties = async (path: string): Promise<Properties> => {
  const { readPropertiesFile } = await import('../../config/properties.ts')
  try {
    return new Map(readPropertiesFile(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new NoSuchFileError(path, { cause: error })
    throw error
  }
}

/** Opens an admin client with Java properties; `bootstrap.servers` among them. */
export const connectWith: Connect = async (properties) => {
  const [{ connectAdmin }, { adminConfig }] = await Promise.all([
    import('../../client/admin/connect.ts'),
    import('../../config/client-config.ts'),
  ])
  return connectAdmin(adminConfig(properties))
}

/**
 * The properties of an administrative command: the file of `--command-config`, with the chosen cluster over it.
 */
export const commandProperties = async (options: OptionSet, io: Io): Promise<Properties> => {
  const file = options.text('command-config')
  const properties: Properties = file === undefined ? new Map() : await loadProperties(file)
  properties.set('bootstrap.servers', await resolveBootstrap(io, options.text('bootstrap-server')))
  return properties
}
