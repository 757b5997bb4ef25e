import type { Io } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { javaText } from '../../cli/run-command.ts'
import type { VersionRange } from '../../client/operations-types.ts'
import type { Admin, Node } from '../../client/types.ts'
import { API_INFO } from '../../protocol/generated/api-keys.ts'
import { requireAdminOptions, runPlainly, withAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith } from '../shared/connect.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

const REQUEST_TIMEOUT_MS = '5000'

const rangeText = ({ min, max }: VersionRange): string => (min === max ? String(min) : `${min} to ${max}`)

const usable = (oldest: number, latest: number, { min, max }: VersionRange): string => {
  const newest = Math.min(latest, max)
  if (newest < oldest) return 'unusable: node too old'
  if (newest < min) return 'unusable: node too new'
  return `usable: ${newest}`
}

const lineOf = (key: number, range: VersionRange | undefined): string => {
  const info = API_INFO.get(key)
  if (info === undefined) return `UNKNOWN(${key}): ${range === undefined ? 'UNSUPPORTED' : rangeText(range)}`
  const head = `${info.name}(${key}): `
  if (range === undefined) return `${head}UNSUPPORTED`
  return `${head}${rangeText(range)} [${usable(info.oldest, info.latest, range)}]`
}

/** The newest version that the node and Kafka's clients have. */
const usableVersion = (key: number, range: VersionRange | undefined): number | null => {
  const info = API_INFO.get(key)
  if (info === undefined || range === undefined) return null
  const newest = Math.min(info.latest, range.max)
  return newest < info.oldest || newest < range.min ? null : newest
}

/** All APIs a node has, and those it lacks of what brokers offer to clients. */
const keysOf = (versions: ReadonlyMap<number, VersionRange>): number[] => {
  const known = [...API_INFO].filter(([, { broker }]) => broker).map(([key]) => key)
  return [...new Set([...versions.keys(), ...known])].sort((a, b) => a - b)
}

const nodeText = ({ id, host, port, rack }: Node): string => `${host}:${port} (id: ${id} rack: ${rack} isFenced: false)`

const listVersions = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const format = outputFormat(options, io)
  const rows: Row[] = []
  for (const { node, versions } of await admin.listApiVersions()) {
    if (!versions.ok) {
      if (format === undefined) io.out.write(`${nodeText(node)} -> ERROR: ${javaText(versions.error)}\n`)
      else io.failed?.(versions.error, { nodeId: node.id })
      continue
    }
    const keys = keysOf(versions.value)
    if (format === undefined) {
      const lines = keys.map((key) => `\t${lineOf(key, versions.value.get(key))}`).join(',\n')
      io.out.write(`${nodeText(node)} -> (\n${lines}\n)\n`)
      continue
    }
    for (const key of keys) {
      const range = versions.value.get(key)
      rows.push({
        nodeId: node.id,
        apiKey: key,
        apiName: API_INFO.get(key)?.name ?? null,
        minVersion: range?.min ?? null,
        maxVersion: range?.max ?? null,
        usableVersion: usableVersion(key, range),
      })
    }
  }
  if (format !== undefined)
    await printStructured(io, format, rows, [
      'nodeId',
      'apiKey',
      'apiName',
      'minVersion',
      'maxVersion',
      'usableVersion',
    ])
}

/** `kafka-broker-api-versions.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    async (options) => {
      requireAdminOptions(spec, options, io, 'bootstrap-server')
      if (options.text('bootstrap-server') === '') {
        throw new Error(
          "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value",
        )
      }
      const adjust = (properties: Map<string, string>): void => {
        properties.set('request.timeout.ms', properties.get('request.timeout.ms') ?? REQUEST_TIMEOUT_MS)
        properties.set('default.api.timeout.ms', properties.get('request.timeout.ms')!)
      }
      await withAdmin({ options, io, connect, adjust }, (admin) => listVersions(admin, options, io))
    },
  )
