import type { Io } from '../../cli/io.ts'
import type { OptionSet } from '../../cli/joptsimple.ts'
import type { CommandSpec } from '../../cli/option-spec.ts'
import { plainly } from '../../cli/run-command.ts'
import { mayOmitBootstrap, profileName } from '../../cli/session.ts'
import { helpOrVersion, requireOptions } from '../../cli/usage.ts'
import type { Admin } from '../../client/types.ts'
import { type Connect, commandProperties, type Properties } from './connect.ts'

/**
 * Missing options end with the usage text; `--bootstrap-server` may be missing where kt finds a cluster by itself, `--command-config` where a profile has
 * what it would say. */
export const requireAdminOptions = (spec: CommandSpec, options: OptionSet, io: Io, ...names: string[]): void => {
  const hasProfile = profileName(io, options.text('bootstrap-server')) !== undefined
  const needless = [...(mayOmitBootstrap(io) ? ['bootstrap-server'] : []), ...(hasProfile ? ['command-config'] : [])]
  const wanted = names.filter((name) => !needless.includes(name))
  requireOptions(spec, options, ...wanted)
}

/** Runs `act` with a client that is being opened, and closes it. */
export const usingAdmin = async <T>(opening: Promise<Admin>, act: (admin: Admin) => Promise<T>): Promise<T> => {
  const admin = await opening
  try {
    return await act(admin)
  } finally {
    await admin.close()
  }
}

interface WithAdmin {
  options: OptionSet
  io: Io
  connect: Connect
  /** Value of `--bootstrap-controller`. */
  controller?: string | undefined
  /** Changes to the client's properties. */
  adjust?: (properties: Properties) => void
}

/** Opens a client as the options say, runs `act`, and closes it. */
export const withAdmin = async <T>(
  { options, io, connect, controller, adjust }: WithAdmin,
  act: (admin: Admin) => Promise<T>,
): Promise<T> => {
  const properties = await commandProperties(options, io, controller)
  adjust?.(properties)
  return usingAdmin(connect(properties, io), act)
}

/** Parses and runs a command, with `plainly`. */
export const runPlainly = (
  spec: CommandSpec,
  args: readonly string[],
  io: Io,
  parse: () => OptionSet,
  act: (options: OptionSet) => Promise<void>,
): Promise<number> =>
  plainly(io, async () => {
    const options = parse()
    const answered = helpOrVersion(spec, options, args, io)
    if (answered === undefined) await act(options)
    return answered
  })
