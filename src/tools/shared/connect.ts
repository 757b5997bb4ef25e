import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import { resolveBootstrap, sessionProperties } from '../../cli/session.ts'
import type { Admin } from '../../client/types.ts'
import type { BootstrapServer } from '../../config/bootstrap-servers.ts'
import { notConstructed, requireKnownHost } from './constructed.ts'

/** Java client properties by name, as from a properties file. */
export type Properties = Map<string, string>

/** Opens an admin client; tests give their own. */
export type Connect = (properties: Properties, io: Io) => Promise<Admin>

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

/**
 * The properties a client starts from: those of the profile in use, with those of the file over them.
 * @param file the file of `--command-config`
 * @param given what names a cluster on the command line: `--bootstrap-server`, or `--bootstrap-controller`
 */
export const clientProperties = async (
  io: Io,
  file: string | undefined,
  given: string | undefined,
): Promise<Properties> => {
  const ofProfile = await sessionProperties(io, given)
  return file === undefined ? ofProfile : new Map([...ofProfile, ...(await loadProperties(file))])
}

/** Settings that need no definitions to be checked: a short command starts faster without loading them. */
const plainNumbers = ['default.api.timeout.ms', 'request.timeout.ms']

const addresses = ['bootstrap.servers', 'bootstrap.controllers']
/** Texts of any kind. */
const plainTexts = [...addresses, 'client.id']

const isPlain = (properties: Properties): boolean =>
  [...properties].every(
    ([name, value]) => plainTexts.includes(name) || (plainNumbers.includes(name) && /^[1-9]\d{0,8}$/.test(value)),
  )

/** The addresses of a property, in Java's steps: a list without gaps, addresses well formed, one of them with a host that is known. */
const bootstrapAddresses = async (property: string, text: string): Promise<BootstrapServer[]> => {
  const { parseBootstrapServers } = await import('../../config/bootstrap-servers.ts')
  const servers = text.split(',').map((server) => server.trim())
  if (servers.length > 1 && servers.includes('')) {
    throw Object.assign(new Error(`Configuration '${property}' values must not be empty.`), {
      exceptionClass: 'org.apache.kafka.common.config.ConfigException',
    })
  }
  const failure = 'Failed to create new KafkaAdminClient'
  let parsed: BootstrapServer[]
  try {
    parsed = parseBootstrapServers(servers)
  } catch (error) {
    throw notConstructed(failure, error)
  }
  await requireKnownHost(parsed, failure)
  return parsed
}

/** A client whose changes of offsets and configs leave undo files. What that takes is loaded when there is such a change. */
const recording = (admin: Admin, io: Io, server: string): Admin => ({
  ...admin,
  alterConsumerGroupOffsets: async (group, offsets) =>
    (await import('../undo/recording.ts')).alterOffsets({ admin, io, server }, group, offsets),
  deleteConsumerGroupOffsets: async (group, partitions) =>
    (await import('../undo/recording.ts')).deleteOffsets({ admin, io, server }, group, partitions),
  deleteConsumerGroups: async (groups) =>
    (await import('../undo/recording.ts')).deleteGroups({ admin, io, server }, groups),
  alterShareGroupOffsets: async (group, offsets) =>
    (await import('../undo/recording.ts')).alterShareOffsets({ admin, io, server }, group, offsets),
  deleteShareGroupOffsets: async (group, topics) =>
    (await import('../undo/recording.ts')).deleteShareOffsets({ admin, io, server }, group, topics),
  alterClientQuotas: async (entity, values) =>
    (await import('../undo/recording.ts')).alterQuotas({ admin, io, server }, entity, values),
  incrementalAlterConfigs: async (changes, options) =>
    (await import('../undo/recording.ts')).alterConfigs({ admin, io, server }, changes, options),
})

/** Opens an admin client with Java properties; `bootstrap.servers` or `bootstrap.controllers` (KIP-919) among them. */
export const connectWith: Connect = async (given, io) => {
  const admin = await openAdmin(given, io)
  return given.has('bootstrap.controllers') ? admin : recording(admin, io, given.get('bootstrap.servers') ?? '')
}

const openAdmin: Connect = async (given, io) => {
  const [{ connectAdmin }, { adminConfig }] = await Promise.all([
    import('../../client/admin/connect.ts'),
    import('../../config/client-config.ts'),
  ])
  const warn = (message: string): void => io.err.write(`${message}\n`)
  const properties: Properties = new Map(given)
  const controllers = properties.get('bootstrap.controllers') ?? ''
  const bootstrapControllers = controllers !== ''
  if (bootstrapControllers) properties.set('bootstrap.servers', controllers)
  properties.delete('bootstrap.controllers')
  const bootstrapServers = await bootstrapAddresses(
    bootstrapControllers ? 'bootstrap.controllers' : 'bootstrap.servers',
    properties.get('bootstrap.servers') ?? '',
  )
  if (!isPlain(properties)) return connectAdmin({ ...(await adminConfig(properties)), bootstrapControllers, warn })
  const [defaultApiTimeoutMs, requestTimeoutMs] = plainNumbers.map((name) => {
    const text = properties.get(name)
    return text === undefined ? undefined : Number(text)
  })
  const clientId = properties.get('client.id') || undefined
  return connectAdmin({ bootstrapServers, bootstrapControllers, clientId, defaultApiTimeoutMs, requestTimeoutMs, warn })
}

/** Where an administrative command connects to, and with what settings. */
export interface Connection {
  /** `--bootstrap-server` */
  server: string | undefined
  /** `--bootstrap-controller` */
  controller: string | undefined
  /** The file of `--command-config`. */
  configFile: string | undefined
}

/** The properties of a connection: those of profile and file, with the chosen cluster over them. */
export const connectionProperties = async (connection: Connection, io: Io): Promise<Properties> => {
  const { server, controller, configFile } = connection
  const properties = await clientProperties(io, configFile, server ?? controller)
  for (const name of addresses) properties.delete(name)
  if (server === undefined && controller !== undefined) properties.set('bootstrap.controllers', controller)
  else properties.set('bootstrap.servers', await resolveBootstrap(io, server))
  return properties
}

/**
 * The properties of an administrative command with `--bootstrap-server` and `--command-config`.
 * @param controller the value of `--bootstrap-controller`, for commands that have it
 */
export const commandProperties = (options: OptionSet, io: Io, controller?: string): Promise<Properties> =>
  connectionProperties(
    { server: options.text('bootstrap-server'), controller, configFile: options.text('command-config') },
    io,
  )
