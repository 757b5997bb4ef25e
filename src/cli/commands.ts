import type { CommandModule } from './command-module.ts'

/**
 * The commands that start without oclif. A name that is not here goes to oclif, which knows help, unknown names and the rest.
 */
export const commandLoaders: Readonly<Record<string, () => Promise<CommandModule>>> = {
  topics: () => import('../tools/topics/command.ts'),
  configs: () => import('../tools/configs/command.ts'),
  'get-offsets': () => import('../tools/get-offsets/command.ts'),
  'consumer-groups': () => import('../tools/consumer-groups/command.ts'),
  'console-producer': () => import('../tools/console-producer/command.ts'),
  'console-consumer': () => import('../tools/console-consumer/command.ts'),
}
