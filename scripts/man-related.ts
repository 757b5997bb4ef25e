/** What a man page says beyond its own command: which variables matter to it, and which commands are near. */
import { sections } from '../src/cli/help.ts'
import type { ManCommand } from './man-page.ts'

const CLUSTER = ['KT_BOOTSTRAP_SERVER', 'KT_PROFILE', 'KT_EMBEDDED', 'KT_DATA_DIR', 'KT_IDLE_TIMEOUT']
const EVERYWHERE = ['KT_DEBUG', 'NO_COLOR']

/** Variables of commands that are no clients, or of more than clients' use. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  broker: ['KT_DATA_DIR', 'KT_RUN_DIR', 'KT_IDLE_TIMEOUT', 'KT_LOG_LEVEL'],
  'server-start': ['KT_RUN_DIR', 'KT_LOG_LEVEL'],
  'server-stop': ['KT_RUN_DIR'],
  profile: ['KT_CONFIG_DIR', 'KT_PROFILE'],
  undo: ['KT_STATE_DIR'],
  completion: ['KT_CACHE_DIR', 'KT_PROFILE', 'KT_BOOTSTRAP_SERVER', 'KT_EMBEDDED', 'KT_DATA_DIR'],
}

/** Commands that belong together although they stand in different sections. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['topics', 'configs'],
  ['console-consumer', 'lag'],
  ['console-consumer', 'consumer-groups'],
  ['console-producer', 'transactions'],
  ['console-share-consumer', 'share-groups'],
  ['get-offsets', 'consumer-groups'],
  ['configs', 'acls'],
  ['topics', 'reassign-partitions'],
  ['topics', 'leader-election'],
  ['dump-log', 'log-dirs'],
  ['metadata-shell', 'metadata-quorum'],
  ['storage', 'features'],
  ['broker', 'doctor'],
  ['streams-application-reset', 'streams-groups'],
  ['profile', 'doctor'],
  ['undo', 'configs'],
  ['undo', 'consumer-groups'],
]

/** Does one of these variables, which stand side by side with commas, matter to a command? */
export const usesVariable = (command: ManCommand, names: string): boolean => {
  const used = [
    ...('bootstrap-server' in command.flags ? CLUSTER : []),
    ...('output' in command.flags ? ['KT_OUTPUT'] : []),
    ...(VARIABLES[command.id] ?? []),
    ...EVERYWHERE,
  ]
  return names.split(', ').some((name) => used.includes(name))
}

/** Ids of the commands to look at next: those of the same section of `kt --help`, and partners. */
export const relatedCommands = (id: string): string[] => {
  const section = sections.find(([, names]) => names.includes(id))?.[1] ?? []
  const partners = PAIRS.flatMap((pair) => (pair.includes(id) ? pair : []))
  return [...new Set([...section, ...partners])].filter((other) => other !== id).sort()
}
