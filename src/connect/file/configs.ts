import type { ConnectConfigKey } from '../api/config.ts'

export const FILE = 'file'
export const TOPIC = 'topic'
export const BATCH_SIZE = 'batch.size'

export const DEFAULT_BATCH_SIZE = 2000

/** `file`, which both connectors have. */
export const fileConfig = (documentation: string): ConnectConfigKey => ({
  name: FILE,
  type: 'STRING',
  defaultValue: null,
  importance: 'HIGH',
  documentation,
})
