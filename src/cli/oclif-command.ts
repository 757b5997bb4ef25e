import { Command, Flags } from '@oclif/core'
import type { CommandModule } from './command-module.ts'
import { processIo } from './io.ts'
import type { CommandSpec, OptionSpec } from './option-spec.ts'
import { runCommand } from './run-command.ts'
import { withSessionOptions } from './session-options.ts'

type OclifFlag = NonNullable<typeof Command.flags>[string]

const toFlag = (option: OptionSpec): OclifFlag => {
  const common = {
    description: option.description,
    ...(option.deprecated ? { deprecated: true as const } : {}),
    ...(option.own ? { helpGroup: 'KT' } : {}),
  }
  if (option.argument === undefined) return Flags.boolean(common)
  return Flags.string({ ...common, multiple: true, helpValue: `<${option.argument.name ?? option.argument.type}>` })
}

const toFlags = (spec: CommandSpec): Record<string, OclifFlag> =>
  Object.fromEntries(spec.options.map((option) => [option.name, toFlag(option)]))

const usageOf = ({ name, words }: CommandSpec): string => {
  const word = typeof words === 'string' ? ` ${words.toUpperCase()}` : words === undefined ? '' : ` ${words.join('|')}`
  return `${name}${word} [OPTIONS]`
}

/**
 * The oclif face of a command, for the manifest, `kt help`, man pages and completion. Arguments are not parsed by oclif: the
 * command's own parser keeps Kafka's rules.
 */
export const oclifCommand = (module: CommandModule): typeof Command => {
  const spec = withSessionOptions(module.spec)
  class ScriptCommand extends Command {
    static override summary = spec.summary
    static override description = spec.description
    static override usage = usageOf(spec)
    static override examples = spec.examples.map((e) => ({
      description: e.description,
      command: `<%= config.bin %> ${spec.name} ${e.command}`,
    }))
    static override flags = toFlags(spec)
    static override strict = false
    static exits = spec.exits ?? []
    static isForPrograms = spec.options.some(({ name, own }) => name === 'output' && own)

    override async run(): Promise<void> {
      process.exit(await runCommand(module, this.argv, processIo()))
    }
  }
  return ScriptCommand
}
