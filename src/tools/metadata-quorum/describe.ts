import { ZERO_UUID } from '../../base/uuid.ts'
import type { ArgparseValues } from '../../cli/argparse.ts'
import { type Io, println } from '../../cli/io.ts'
import type { QuorumInfo, QuorumReplica } from '../../client/operations-types.ts'
import type { Admin } from '../../client/types.ts'
import { execute } from '../shared/execution.ts'
import { left } from '../shared/java.ts'
import { outputFormat, printStructured, type Row } from '../shared/structured.ts'

const leaderOf = ({ voters, leaderId }: QuorumInfo): QuorumReplica => {
  const leader = voters.find(({ replicaId }) => replicaId === leaderId)
  if (leader === undefined) throw new Error('No value present')
  return leader
}

const replicaText = ({ replicaId, directoryId }: QuorumReplica, { endpoints }: QuorumInfo): string => {
  const parts = [`"id": ${replicaId}`]
  if (directoryId !== ZERO_UUID) parts.push(`"directoryId": "${directoryId}"`)
  const places = (endpoints.get(replicaId) ?? []).map(
    ({ name, host, port }) => `"${name}://${host.includes(':') ? `[${host}]` : host}:${port}"`,
  )
  if (places.length > 0) parts.push(`"endpoints": [${places.join(', ')}]`)
  return `{${parts.join(', ')}}`
}

const replicasText = (replicas: readonly QuorumReplica[], info: QuorumInfo): string =>
  `[${replicas.map((replica) => replicaText(replica, info)).join(', ')}]`

const directoryOf = ({ directoryId }: QuorumReplica): string | null => (directoryId === ZERO_UUID ? null : directoryId)

const replicaRow = (replica: QuorumReplica, { endpoints }: QuorumInfo): Row => ({
  nodeId: replica.replicaId,
  directoryId: directoryOf(replica),
  endpoints: (endpoints.get(replica.replicaId) ?? []).map(({ name, host, port }) => ({ name, host, port })),
})

const lagTimeMs = (leader: QuorumReplica, last: QuorumReplica): number => {
  if (leader === last) return 0
  const [there, here] = [leader.lastCaughtUpTimestampMs, last.lastCaughtUpTimestampMs]
  return there === null || here === null ? -1 : there - here
}

/** `describe --status` */
export const describeStatus = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const { clusterId } = await execute(admin.describeCluster())
  const info = await execute(admin.describeMetadataQuorum())
  const leader = leaderOf(info)
  const last = info.voters.reduce((a, b) => (b.logEndOffset < a.logEndOffset ? b : a))
  const lag = leader.logEndOffset - last.logEndOffset
  const lagMs = lagTimeMs(leader, last)
  const format = outputFormat(values, io)
  if (format !== undefined) {
    const row: Row = {
      clusterId,
      leader: info.leaderId,
      leaderEpoch: info.leaderEpoch,
      highWatermark: info.highWatermark,
      maxFollowerLag: lag,
      maxFollowerLagMs: lagMs < 0 ? null : lagMs,
      voters: info.voters.map((replica) => replicaRow(replica, info)),
      observers: info.observers.map((replica) => replicaRow(replica, info)),
    }
    return printStructured(io, format, [row], Object.keys(row))
  }
  const fields: [string, unknown][] = [
    ['ClusterId', clusterId],
    ['LeaderId', info.leaderId],
    ['LeaderEpoch', info.leaderEpoch],
    ['HighWatermark', info.highWatermark],
    ['MaxFollowerLag', lag],
    ['MaxFollowerLagTimeMs', lagMs],
    ['CurrentVoters', replicasText(info.voters, info)],
    ['CurrentObservers', replicasText(info.observers, info)],
  ]
  for (const [title, value] of fields) println(io.out, `${left(`${title}:`, 24)}${String(value)}`)
}

const timeText = (timestampMs: number | null, what: string, readable: boolean): string => {
  if (timestampMs === null) return '-1'
  if (!readable) return String(timestampMs)
  const now = Date.now()
  if (timestampMs <= 0 || timestampMs > now) {
    throw new Error(
      `Error while computing relative time, possible drift in system clock.\nCurrent timestamp is ${now}, ${what} timestamp is ${timestampMs}`,
    )
  }
  return `${now - timestampMs} ms ago`
}

const columns = [
  ['NodeId', 'nodeId'],
  ['DirectoryId', 'directoryId'],
  ['LogEndOffset', 'logEndOffset'],
  ['Lag', 'lag'],
  ['LastFetchTimestamp', 'lastFetchTimestamp'],
  ['LastCaughtUpTimestamp', 'lastCaughtUpTimestamp'],
  ['Status', 'status'],
] as const

const replicationRow = (replica: QuorumReplica, status: string, leader: QuorumReplica): Row => ({
  nodeId: replica.replicaId,
  directoryId: directoryOf(replica),
  logEndOffset: replica.logEndOffset,
  lag: leader.logEndOffset - replica.logEndOffset,
  lastFetchTimestampMs: replica.lastFetchTimestampMs,
  lastCaughtUpTimestampMs: replica.lastCaughtUpTimestampMs,
  status: status.toLowerCase(),
})

/** `describe --replication` */
export const describeReplication = async (admin: Admin, values: ArgparseValues, io: Io): Promise<void> => {
  const readable = values.has('human-readable')
  const info = await execute(admin.describeMetadataQuorum())
  const leader = leaderOf(info)
  const replicas: (readonly [QuorumReplica, string])[] = [
    [leader, 'Leader'],
    ...info.voters.filter((voter) => voter.replicaId !== info.leaderId).map((voter) => [voter, 'Follower'] as const),
    ...info.observers.map((observer) => [observer, 'Observer'] as const),
  ]
  const format = outputFormat(values, io)
  if (format !== undefined) {
    const rows = replicas.map(([replica, status]) => replicationRow(replica, status, leader))
    return printStructured(io, format, rows, Object.keys(rows[0] ?? {}))
  }
  const rows = replicas.map(
    ([replica, status]): Row => ({
      nodeId: replica.replicaId,
      directoryId: replica.directoryId,
      logEndOffset: replica.logEndOffset,
      lag: leader.logEndOffset - replica.logEndOffset,
      lastFetchTimestamp: timeText(replica.lastFetchTimestampMs, 'last fetch', readable),
      lastCaughtUpTimestamp: timeText(replica.lastCaughtUpTimestampMs, 'last caught up', readable),
      status,
    }),
  )
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, key]) => String(row[key])))]
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)))
  for (const line of cells) println(io.out, line.map((cell, i) => `${left(cell, widths[i]!)}\t`).join(''))
}
