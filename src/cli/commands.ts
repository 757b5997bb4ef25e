import type { CommandModule } from './command-module.ts'
import type { CommandSpec } from './option-spec.ts'
import { withSessionOptions } from './session-options.ts'

/**
 * The commands that start without oclif. Every command is here: oclif, for which commands/ has one file each, is
 * only asked for help.
 */
export const commandLoaders: Readonly<Record<string, () => Promise<CommandModule>>> = {
  topics: () => import('../tools/topics/command.ts'),
  configs: () => import('../tools/configs/command.ts'),
  'get-offsets': () => import('../tools/get-offsets/command.ts'),
  'consumer-groups': () => import('../tools/consumer-groups/command.ts'),
  lag: () => import('../tools/lag/command.ts'),
  groups: () => import('../tools/groups/command.ts'),
  'console-producer': () => import('../tools/console-producer/command.ts'),
  'console-consumer': () => import('../tools/console-consumer/command.ts'),
  acls: () => import('../tools/acls/command.ts'),
  'delegation-tokens': () => import('../tools/delegation-tokens/command.ts'),
  'leader-election': () => import('../tools/leader-election/command.ts'),
  'broker-api-versions': () => import('../tools/broker-api-versions/command.ts'),
  'client-metrics': () => import('../tools/client-metrics/command.ts'),
  'delete-records': () => import('../tools/delete-records/command.ts'),
  cluster: () => import('../tools/cluster/command.ts'),
  'metadata-quorum': () => import('../tools/metadata-quorum/command.ts'),
  features: () => import('../tools/features/command.ts'),
  'dump-log': () => import('../tools/dump-log/command.ts'),
  'metadata-shell': () => import('../tools/metadata-shell/command.ts'),
  'share-groups': () => import('../tools/share-groups/command.ts'),
  'streams-groups': () => import('../tools/streams-groups/command.ts'),
  'console-share-consumer': () => import('../tools/console-share-consumer/command.ts'),
  transactions: () => import('../tools/transactions/command.ts'),
  'reassign-partitions': () => import('../tools/reassign-partitions/command.ts'),
  'log-dirs': () => import('../tools/log-dirs/command.ts'),
  'producer-perf-test': () => import('../tools/producer-perf-test/command.ts'),
  'consumer-perf-test': () => import('../tools/consumer-perf-test/command.ts'),
  'share-consumer-perf-test': () => import('../tools/share-consumer-perf-test/command.ts'),
  'e2e-latency': () => import('../tools/e2e-latency/command.ts'),
  'verifiable-producer': () => import('../tools/verifiable-producer/command.ts'),
  'verifiable-consumer': () => import('../tools/verifiable-consumer/command.ts'),
  'streams-application-reset': () => import('../tools/streams-application-reset/command.ts'),
  'replica-verification': () => import('../tools/replica-verification/command.ts'),
  storage: () => import('../tools/storage/command.ts'),
  'server-start': () => import('../tools/server/start-command.ts'),
  'server-stop': () => import('../tools/server/stop-command.ts'),
  'connect-standalone': () => import('../tools/connect-standalone/command.ts'),
  'connect-distributed': () => import('../tools/connect-distributed/command.ts'),
  'connect-plugin-path': () => import('../tools/connect-plugin-path/command.ts'),
  doctor: () => import('../tools/doctor/command.ts'),
  broker: () => import('../tools/broker/command.ts'),
  profile: () => import('../tools/profile/command.ts'),
  undo: () => import('../tools/undo/command.ts'),
  schema: () => import('../tools/schema/command.ts'),
  link: async () => (await import('../tools/link/command.ts')).linkCommand(loadSpecs),
  completion: async () => (await import('../tools/completion/command.ts')).completionCommand(loadSpecs),
}

/** The descriptions of all commands, in the order above. */
export const loadSpecs = async (): Promise<CommandSpec[]> =>
  (await Promise.all(Object.values(commandLoaders).map((load) => load()))).map(({ spec }) => withSessionOptions(spec))
