import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { type MemoryIo, memoryIo } from '../cli/memory-io.ts'

/** A command's module. */
export interface Tool {
  spec: Parameters<typeof runCommand>[0]['spec']
  run(args: readonly string[], io: Io): Promise<number>
}

/** What a command printed, empty lines left out, and how it ended. */
export interface Outcome {
  code: number
  out: string[]
  err: string
}

/** Runs a command in this process against a broker; `args` are cut at blanks. */
export const runToolOn = async (
  { bootstrapServers }: { bootstrapServers: string },
  tool: Tool,
  args: string,
  io: MemoryIo = memoryIo(),
): Promise<Outcome> => {
  const all = ['--bootstrap-server', bootstrapServers, ...args.split(' ')]
  const code = await runCommand({ spec: tool.spec, run: (given, to) => tool.run(given, to) }, all, io)
  return { code, out: io.out.text.split('\n').filter((line) => line !== ''), err: io.err.text }
}
