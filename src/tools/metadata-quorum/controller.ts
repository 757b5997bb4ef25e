import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import type { VoterEndpoint } from '../../client/operations-types.ts'
import type { Admin } from '../../client/types.ts'
import { parseProperties } from '../../config/properties.ts'
import type { Properties } from '../shared/connect.ts'
import { execute } from '../shared/execution.ts'
import { parseJavaInt, parseUuid } from '../shared/java.ts'

const fail = (message: string): never => {
  throw new Error(message)
}

const isController = 'configuration file. Is this a valid controller configuration file?'

const controllerIdOf = (properties: Properties): number => {
  const text = properties.get('node.id') ?? fail(`node.id not found in ${isController}`)
  const id = parseJavaInt(text)
  if (id < 0) fail(`node.id was negative in ${isController}`)
  if (!(properties.get('process.roles') ?? '').includes('controller')) {
    fail(`process.roles did not contain 'controller' in ${isController}`)
  }
  return id
}

const metadataDirectoryOf = (properties: Properties): string => {
  const directory = properties.get('metadata.log.dir')
  if (directory !== undefined) return directory
  const logDirs = properties.get('log.dirs')
  if (logDirs !== undefined) return logDirs.trim().split(',')[0]!
  return fail(`Neither metadata.log.dir nor log.dirs were found. Is this a valid controller configuration file?`)
}

const directoryIdOf = (directory: string): string => {
  let text: string
  try {
    text = readFileSync(join(directory, 'meta.properties'), 'utf8')
  } catch {
    return fail(`Unable to read meta.properties from ${directory}`)
  }
  return new Map(parseProperties(text)).get('directory.id') ?? fail(`No directory id found in ${directory}`)
}

const listenersOf = (text: string | undefined): Map<string, VoterEndpoint> => {
  const listeners = new Map<string, VoterEndpoint>()
  for (const entry of (text ?? '').split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const match = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/.exec(entry)
    if (match === null) throw new Error(`Unable to parse ${entry} to a broker endpoint`)
    const name = match[1]!.toUpperCase()
    listeners.set(name, { name, host: match[2] || 'localhost', port: Number(match[3]) })
  }
  return listeners
}

const endpointsOf = (properties: Properties): VoterEndpoint[] => {
  const known = new Map([
    ...listenersOf(properties.get('listeners')),
    ...listenersOf(properties.get('advertised.listeners')),
  ])
  const names = properties.get('controller.listener.names')
  if (names === undefined) {
    return fail('controller.listener.names was not found. Is this a valid controller configuration file?')
  }
  return names.split(',').map((text) => {
    const name = text.toUpperCase()
    return known.get(name) ?? fail(`Cannot find information about controller listener name: ${name}`)
  })
}

/** `add-controller`: the controller whose settings `properties` holds becomes a voter. */
export const addController = async (
  admin: Admin,
  values: ArgparseValues,
  properties: Properties,
  io: Io,
): Promise<void> => {
  const id = controllerIdOf(properties)
  const directoryId = directoryIdOf(metadataDirectoryOf(properties))
  const endpoints = endpointsOf(properties)
  const dryRun = values.has('dry-run')
  if (!dryRun) await execute(admin.addRaftVoter(id, directoryId, endpoints))
  const places = endpoints.map(({ name, host, port }) => `${name}://${host.includes(':') ? `[${host}]` : host}:${port}`)
  println(
    io.out,
    `${dryRun ? 'DRY RUN of adding' : 'Added'} controller ${id} with directory id ${directoryId} and endpoints: ${places.join(', ')}`,
  )
}

const parseDirectoryId = (text: string): string => {
  try {
    return parseUuid(text)
  } catch (error) {
    return fail(`Failed to parse --controller-directory-id: ${(error as Error).message}`)
  }
}

/** `remove-controller` */
export const removeController = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const id = Number(values.text('controller-id'))
  if (id < 0) fail(`Invalid negative --controller-id: ${id}`)
  const directoryId = parseDirectoryId(values.text('controller-directory-id') ?? '')
  const dryRun = values.has('dry-run')
  if (!dryRun) await execute(admin.removeRaftVoter(id, directoryId))
  println(
    io.out,
    `${dryRun ? 'DRY RUN of removing ' : 'Removed '} KRaft controller ${id} with directory id ${directoryId}`,
  )
}
