import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { javaText, printError } from '../../cli/run-command.ts'
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
    const tree = await loadTree(values.text('snapshot') ?? '')
    if (interactive) println(io.out, 'Starting...')
    const shell = new MetadataShell(tree.root(), io, interactive)
    if (interactive) await converse(shell, io)
    else shell.run(values.words)
    return 0
  } catch (error) {
    if (error instanceof CommandExit) throw error
    if (!(error instanceof NoSuchFileError)) printError(io, error)
    else println(io.err, `Unexpected error: ${javaText(error)}`)
    return 1
  }
}
