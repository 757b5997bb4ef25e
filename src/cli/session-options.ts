/**
 * The options of every command that talks to a cluster, which none of them has to know: they are taken off the arguments before the
 * command sees them, and added to what help, man pages and completion say of it.
 */
import { CommandExit } from './exit.ts'
import type { Io, Session } from './io.ts'
import { type CommandSpec, type OptionSpec, option } from './option-spec.ts'

const sessionOptions: readonly OptionSpec[] = [
  option('profile', 'String', 'name', 'The cluster of this profile (`kt profile`), or `embedded`; else KT_PROFILE.', {
    own: true,
  }),
  option('confirm', 'String', 'name', 'Allows changes to the cluster of this protected profile without asking.', {
    own: true,
  }),
]

/** What is to be known of a command: the names of its options. */
interface Named {
  options: readonly { name: string }[]
  hasNoSession?: boolean
}

/** Does the command talk to a cluster that a user chooses? It has an option for where that is. */
const hasCluster = (spec: Named): boolean =>
  !spec.hasNoSession && spec.options.some(({ name }) => name === 'bootstrap-server' || name === 'broker-list')

/** The session's options of a command; none for one without a cluster, or with an option of that name itself. */
export const sessionOptionsOf = (spec: Named): readonly OptionSpec[] =>
  hasCluster(spec) ? sessionOptions.filter(({ name }) => spec.options.every((own) => own.name !== name)) : []

/** A description with the session's options added. */
export const withSessionOptions = <Spec extends Pick<CommandSpec, 'options' | 'hasNoSession'>>(spec: Spec): Spec => {
  const added = sessionOptionsOf(spec)
  return added.length === 0 ? spec : { ...spec, options: [...spec.options, ...added] }
}

/**
 * Takes the session's options off a command's arguments.
 * @returns the other arguments, and an Io that knows the session's options
 * @throws CommandExit for an option without a value, or given twice
 */
export const takeSessionOptions = (
  spec: Named,
  args: readonly string[],
  io: Io,
): { args: readonly string[]; io: Io } => {
  const names = sessionOptionsOf(spec).map(({ name }) => name)
  if (names.length === 0) return { args, io }
  const rest: string[] = []
  const found: Record<string, string> = {}
  for (let i = 0; i < args.length; i++) {
    const [, name = '', inline] = /^--([a-z]+)(?:=(.*))?$/s.exec(args[i]!) ?? []
    if (!names.includes(name)) {
      if (args[i] === '--') {
        rest.push(...args.slice(i))
        break
      }
      rest.push(args[i]!)
      continue
    }
    const value = inline ?? args[++i]
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('-'))) {
      throw new CommandExit(1, `--${name} needs the name of a profile; \`kt profile list\` shows them\n`)
    }
    if (Object.hasOwn(found, name)) throw new CommandExit(1, `--${name} is given twice\n`)
    found[name] = value
  }
  return { args: rest, io: { ...io, session: found as Session } }
}
