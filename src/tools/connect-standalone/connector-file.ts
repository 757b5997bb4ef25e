import { readFile } from 'node:fs/promises'
import { parseProperties } from '../../config/properties.ts'
import type { TargetState } from '../../connect/runtime/running-connector.ts'

/** A connector as its file has it. */
export interface ConnectorFile {
  readonly props: Record<string, string>
  readonly target: TargetState
}

const targets: Readonly<Record<string, TargetState>> = { RUNNING: 'STARTED', PAUSED: 'PAUSED', STOPPED: 'STOPPED' }

const texts = (value: unknown): Record<string, string> | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = Object.entries(value)
  if (!entries.every(([, one]) => ['string', 'number', 'boolean'].includes(typeof one))) return null
  return Object.fromEntries(entries.map(([key, one]) => [key, String(one)]))
}

/** JSON is a map of configs, or what `POST /connectors` takes (KIP-1004 of file names aside, by content). */
const fromJson = (path: string, content: string): ConnectorFile => {
  const invalid = (why: string): Error =>
    new Error(
      `Invalid connector configuration in ${path}: ${why}. Expected a JSON object with configs, or with name and config.`,
    )
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (error) {
    throw invalid((error as Error).message)
  }
  const flat = texts(parsed)
  if (flat !== null) return { props: flat, target: 'STARTED' }
  const { name, config, initial_state: state = 'RUNNING' } = (parsed ?? {}) as Record<string, unknown>
  const props = texts(config)
  const target = targets[String(state)]
  if (props === null || typeof name !== 'string') throw invalid('it is neither')
  if (target === undefined) throw invalid(`initial_state ${String(state)} is none of RUNNING, PAUSED, STOPPED`)
  if (props.name !== undefined && props.name !== name) throw invalid(`name is ${name}, but ${props.name} in config`)
  return { props: { ...props, name }, target }
}

/**
 * Reads a connector's configs.
 * @throws Error naming the file and what is wrong with it
 */
export const readConnectorFile = async (path: string): Promise<ConnectorFile> => {
  const isJson = path.endsWith('.json')
  const content = await readFile(path, isJson ? 'utf8' : 'latin1')
  if (isJson) return fromJson(path, content)
  return { props: Object.fromEntries(parseProperties(content)), target: 'STARTED' }
}
