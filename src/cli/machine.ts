import type { Io } from './io.ts'
import type { CommandSpec } from './option-spec.ts'

/** Forms a program reads. A drawn table is for people. */
export type MachineFormat = 'json' | 'yaml'

/** What failed, by the names the documents use: `{ group: 'billing' }`, `{ topic: 'orders', partition: 0 }`. */
export type FailedThing = Readonly<Record<string, string | number | null>>

const isMachine = (text: string | undefined): text is MachineFormat => text === 'json' || text === 'yaml'

/** The last `--output` of a command line that may be wrong in other places; undefined when there is none. */
const outputGiven = (args: readonly string[]): string | undefined => {
  let found: string | undefined
  for (const [i, arg] of args.entries()) {
    if (arg === '--') break
    const match = /^--?output(?:=(.*))?$/.exec(arg)
    if (match) found = match[1] ?? args[i + 1] ?? ''
  }
  return found
}

/** Has the command documents? (The `--output json` of the console consumers is another thing: records, as they come.) */
const hasDocuments = ({ options }: CommandSpec): boolean =>
  options.some(({ name, own, argument }) => name === 'output' && own && argument?.completion?.includes('yaml'))

/**
 * Does a program read records as they come? So it is with the `--output json` of the console consumers, unless a person sits at
 * standard error.
 */
export const isRecordStream = (
  { options }: CommandSpec,
  args: readonly string[],
  io: Pick<Io, 'stderrIsTTY'>,
): boolean =>
  !io.stderrIsTTY &&
  outputGiven(args) === 'json' &&
  options.some(({ name, own, argument }) => name === 'output' && own && argument?.completion?.includes('lines'))

/**
 * Does a program read what the command prints? So it is with `--output json|yaml`, or KT_OUTPUT, on a command that has the option.
 * @returns undefined for people, help included, and for actions that go on printing
 */
export const machineFormat = (
  spec: CommandSpec,
  args: readonly string[],
  env: Io['env'],
): MachineFormat | undefined => {
  if (args.length === 0 || !hasDocuments(spec)) return undefined
  const plain = ['--help', '-help', '-h', '--version', ...(spec.endless ?? [])]
  if (args.some((arg) => plain.includes(arg))) return undefined
  const wanted = outputGiven(args) ?? env.KT_OUTPUT
  return isMachine(wanted) ? wanted : undefined
}
