import { realpathSync } from 'node:fs'
import { basename, delimiter, resolve } from 'node:path'
import type { CommandModule } from '../../cli/command-module.ts'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { helpWidth, optionTable } from '../../cli/usage.ts'
import { spec } from './options.ts'
import { writeScripts } from './scripts.ts'

export { spec }

const usageLine = 'Usage: kt link DIRECTORY [--force]'

/** Node and this kt, wherever it was started from. */
const thisProgram = (): string[] => [process.execPath, realpathSync(process.argv[1]!)]

const pathHint = (directory: string, io: Io): string | undefined => {
  const isOnPath = (io.env.PATH ?? '').split(delimiter).some((one) => one !== '' && resolve(one) === directory)
  return isOnPath ? undefined : `To have them found: export PATH='${directory}':"$PATH"`
}

/**
 * `kt link`: the scripts of Apache Kafka, calling this kt.
 * @param loadSpecs the descriptions of all commands
 * @param program what runs kt
 */
export const linkCommand = (
  loadSpecs: () => Promise<readonly CommandSpec[]>,
  program: () => readonly string[] = thisProgram,
): CommandModule => ({
  spec,
  run: async (args: readonly string[], io: Io): Promise<number> => {
    const options = parseOptions(spec, args)
    if (options.has('help')) {
      io.out.write(`${spec.summary}\n${usageLine}\n\n${optionTable(spec, helpWidth(io.columns))}`)
      return 0
    }
    const [word, ...more] = options.words
    if (word === undefined || more.length > 0) {
      throw new CommandExit(1, `${word === undefined ? 'Which directory?' : 'One directory, please.'}\n${usageLine}\n`)
    }
    const links = writeScripts(word, await loadSpecs(), program(), options.has('force'))
    const width = Math.max(...links.map(({ path }) => basename(path).length))
    for (const { path, command } of links) println(io.out, `${basename(path).padEnd(width)}  kt ${command}`)
    const directory = resolve(word)
    println(io.err, `Wrote ${links.length} scripts to ${directory}.`)
    const hint = pathHint(directory, io)
    if (hint !== undefined) println(io.err, hint)
    return 0
  },
})
