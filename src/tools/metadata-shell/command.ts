import { dirname, resolve } from 'node:path'
import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { javaText, printError } from '../../cli/run-command.ts'
import { loadLocks } from '../../embedded/storage-format.ts'
import { parseCommand } from '../shared/argparse-command.ts'
import { NoSuchFileError } from '../shared/connect.ts'
import { loadTree } from './load.ts'
import { parser, spec } from './options.ts'
import { MetadataShell } from './shell.ts'

export { spec }

const PROMPT = '>> '

async function* linesOf(io: Io): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of io.stdin()) {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** The log directory belongs to a running node, which changes the files while they are read. */
class DirectoryInUseError extends Error {
  override name = 'DirectoryInUseError'
}

const refuseUsed = async (directory: string): Promise<void> => {
  if (!(await loadLocks()).isDirectoryInUse(directory)) return
  throw new DirectoryInUseError(
    `Unable to lock ${directory}. Please ensure that no broker or controller process is using this directory before proceeding.`,
  )
}

const converse = async (shell: MetadataShell, io: Io): Promise<void> => {
  println(io.out, '[ Kafka Metadata Shell ]')
  io.out.write(PROMPT)
  await io.out.flush()
  for await (const line of linesOf(io)) {
    shell.run(
      line.split(/\s+/).filter((word) => word !== ''),
      line.trim(),
    )
    if (shell.ended) return
    io.out.write(PROMPT)
    await io.out.flush()
  }
  println(io.out)
}

/** `kafka-metadata-shell.sh` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const values = parseCommand(parser, args, io)
  if (typeof values === 'number') return values
  const interactive = values.words.length === 0
  try {
    if (interactive) println(io.out, 'Loading...')
    const path = values.text('snapshot') ?? ''
    await refuseUsed(dirname(dirname(resolve(path))))
    const tree = await loadTree(path)
    if (interactive) println(io.out, 'Starting...')
    const shell = new MetadataShell(tree.root(), io, interactive)
    if (interactive) await converse(shell, io)
    else shell.run(values.words)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (error instanceof DirectoryInUseError) println(io.err, `Unexpected error: ${error.message}`)
    else if (!(error instanceof NoSuchFileError)) printError(io, error)
    else println(io.err, `Unexpected error: ${javaText(error)}`)
    return 1
  }
}
