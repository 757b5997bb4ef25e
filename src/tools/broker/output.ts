import { z } from 'zod'
import { type DocumentSpec, nodeId, timestampMs } from '../shared/document-fields.ts'

const pid = z.int().nullable().describe('Process; null when there is none')
const dataDir = z.string()

const fields = {
  status: z.enum(['running', 'notAnswering', 'stopped']),
  bootstrap: z.string().nullable().describe('Where clients connect: host:port'),
  pid,
  nodeId: nodeId.nullable(),
  clusterId: z.string().nullable(),
  dataDir,
  logDirs: z.array(z.string()),
  logFile: z.string().nullable().describe('Null when it logs to standard output'),
  startTimestampMs: timestampMs('When it was started').nullable(),
  idleTimeoutMs: z.int().nullable().describe('How long it stays without a client; 0 for always'),
}

const command = 'broker'

export const documents: readonly DocumentSpec[] = [
  { name: 'broker-status', command, action: 'status', row: z.strictObject(fields) },
  {
    name: 'broker-start',
    command,
    action: 'start',
    row: z.strictObject({ ...fields, isStarted: z.boolean().describe('False when it ran already') }),
  },
  { name: 'broker-stop', command, action: 'stop', row: z.strictObject({ isStopped: z.boolean(), pid, dataDir }) },
]
