import { type BigIntStats, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'

/** A script and the command it stands for. */
export interface Link {
  path: string
  command: string
}

/** How a file that was written here is known again: its second line. */
const MARK = '# Written by `kt link`.'

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

const scriptText = (program: readonly string[], command: string): string =>
  `#!/bin/sh\n${MARK}\nexec ${program.map(quoted).join(' ')} ${command} "$@"\n`

/** The scripts of Apache Kafka among the commands, in the order of their names. */
export const mirrored = (specs: readonly CommandSpec[]): { script: string; command: string }[] =>
  specs
    .filter(({ script }) => /^(?:kafka|connect)-/.test(script))
    .map(({ script, name }) => ({ script: `${script}.sh`, command: name }))
    .sort((a, b) => (a.script < b.script ? -1 : 1))

const statOf = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false })

const isOurs = (path: string): boolean =>
  statOf(path)?.isFile() === true && readFileSync(path, 'utf8').split('\n', 2)[1] === MARK

/**
 * Writes one script per command into a directory, which is made when it is not there.
 * @param program what runs kt: node and its entry point
 * @throws CommandExit, before anything is written, when there are files of these names that were not written here
 */
export const writeScripts = (
  directory: string,
  specs: readonly CommandSpec[],
  program: readonly string[],
  force: boolean,
): Link[] => {
  const links = mirrored(specs).map(({ script, command }) => ({ path: join(resolve(directory), script), command }))
  const foreign = links.filter(({ path }) => statOf(path) !== undefined && !isOurs(path))
  if (foreign.length > 0 && !force) {
    const names = foreign.map(({ path }) => `  ${path}\n`).join('')
    throw new CommandExit(
      1,
      `These files were not written by \`kt link\`, so nothing was changed:\n${names}--force replaces them.\n`,
    )
  }
  mkdirSync(directory, { recursive: true })
  for (const { path, command } of links) {
    // Removed first: what a symbolic link points to must not be written to.
    rmSync(path, { force: true })
    writeFileSync(path, scriptText(program, command), { mode: 0o755, flag: 'wx' })
  }
  return links
}
