import type { CommandModule } from '../../src/cli/command-module.ts'
import type { Io } from '../../src/cli/io.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import type { Admin } from '../../src/client/types.ts'
import type { Connect } from '../../src/tools/shared/connect.ts'
import { memoryIo } from '../cli/memory-io.ts'

interface AdminTool {
  spec: CommandModule['spec']
  run(args: readonly string[], io: Io, connect: Connect): Promise<number>
}

/** What a run of a tool left behind; lines without the last line break. */
export interface Outcome {
  code: number
  out: string[]
  err: string[]
}

const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** Runs an administrative tool against a fake cluster; `command` is cut at blanks. */
export const runTool = async (tool: AdminTool, admin: Admin, command: string): Promise<Outcome> => {
  const io = memoryIo()
  const connect: Connect = () => Promise.resolve(admin)
  const module = { spec: tool.spec, run: (args: readonly string[], given: Io) => tool.run(args, given, connect) }
  const code = await runCommand(module, ['--bootstrap-server', 'h:1', ...command.split(' ')], io)
  return { code, out: lines(io.out.text), err: lines(io.err.text) }
}
