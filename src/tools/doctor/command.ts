import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { OptionError, type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { errorMessage } from '../../cli/run-command.ts'
import { namedBootstrap, profileName } from '../../cli/session.ts'
import { KAFKA_VERSION, ownHelp } from '../../cli/usage.ts'
import type { Lookup } from '../../client/diagnosis/dns.ts'
import { Budget, type Hop, HopFailure, takeHop } from '../../client/diagnosis/hop.ts'
import { checkTls } from '../../client/diagnosis/settings.ts'
import { walk } from '../../client/diagnosis/walk.ts'
import type { AdminConfig } from '../../config/client-config.ts'
import { clientProperties, NoSuchFileError, type Properties } from '../shared/connect.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { walkEmbedded } from './embedded.ts'
import { spec } from './options.ts'
import { redactor } from './redact.ts'
import { hopLines, hopRow, verdictLine } from './text.ts'

export { spec }

const usageLine = 'Usage: kt doctor [--bootstrap-server host:port] [--command-config file] [options]'

const usage = (message: string): never => {
  throw new CommandExit(1, `${message}\n${usageLine}\n\`kt doctor --help\` shows the options.\n`)
}

const settingsDetail = ({ security }: AdminConfig): string => {
  const { protocol, sasl, tls } = security
  const parts = [`security.protocol=${protocol}`]
  if (sasl) parts.push(`sasl.mechanism=${sasl.mechanism}`)
  if (tls) {
    parts.push(tls.ca === null ? 'no trust store' : 'with a trust store')
    parts.push(tls.cert === null ? 'no client certificate' : 'with a client certificate')
  }
  return parts.join(', ')
}

/** Where the settings come from. */
const settingsName = (options: OptionSet, io: Io): string => {
  const profile = profileName(io, options.text('bootstrap-server'))
  return options.text('command-config') ?? (profile === undefined ? 'defaults' : `profile ${profile}`)
}

/** Reads the properties of profile and file into `properties`. */
const readProperties = async (
  options: OptionSet,
  io: Io,
  properties: Properties,
): Promise<{ detail: string; value: true }> => {
  const read = clientProperties(io, options.text('command-config'), options.text('bootstrap-server'))
  for (const [name, value] of await read.catch(asNoFile)) properties.set(name, value)
  return { detail: '', value: true }
}

const asNoFile = (error: unknown): never => {
  if (!(error instanceof NoSuchFileError)) throw error
  throw new HopFailure('there is no such file', null, 'Paths are relative to the current directory.')
}

const readSettings = async (properties: Properties): Promise<{ detail: string; value: AdminConfig }> => {
  const { adminConfig } = await import('../../config/client-config.ts')
  try {
    const value = await adminConfig(properties)
    if (value.security.tls) await checkTls(value.security.tls)
    return { detail: settingsDetail(value), value }
  } catch (error) {
    const { nextStep } = error as { nextStep?: string | null }
    throw new HopFailure(
      errorMessage(error).replace(/\.$/, ''),
      'The file of --command-config or the address is wrong.',
      nextStep ??
        (/bootstrap\.servers/.test(errorMessage(error))
          ? 'Addresses are host:port, several with commas.'
          : 'Correct that setting.'),
    )
  }
}

/** The walk, hop by hop. */
const examine = async (
  options: OptionSet,
  io: Io,
  budget: Budget,
  report: (hop: Hop) => void,
  properties: Properties,
  find?: Lookup,
): Promise<void> => {
  const given = await namedBootstrap(io, options.text('bootstrap-server'))
  const server = given ?? (await embeddedServer(io, budget, report))
  if (server === undefined) return
  properties.set('bootstrap.servers', server)
  const settings = await takeHop('settings', settingsName(options, io), budget, () => readSettings(properties))
  report(settings.hop)
  if (!settings.value) return
  const { bootstrapServers, security } = settings.value
  await walk({ addresses: bootstrapServers, security, budget, report, ...(find ? { find } : {}) })
}

const embeddedServer = async (io: Io, budget: Budget, report: (hop: Hop) => void): Promise<string | undefined> => {
  if (io.env.KT_EMBEDDED !== 'off') return walkEmbedded(io, budget, report)
  const none = await takeHop('settings', 'server', budget, () =>
    Promise.reject(
      new HopFailure(
        'no server is named, and KT_EMBEDDED=off forbids the embedded one',
        null,
        'Name one with --bootstrap-server or KT_BOOTSTRAP_SERVER.',
      ),
    ),
  )
  report(none.hop)
  return undefined
}

const parse = (args: readonly string[]): OptionSet => {
  try {
    const options = parseOptions(spec, args)
    if (options.words.length > 0) return usage(`Unexpected argument: ${options.words[0]}`)
    if ((options.int('timeout-ms') ?? 1) < 1) return usage('--timeout-ms takes a number above 0.')
    return options
  } catch (error) {
    if (error instanceof OptionError) return usage(error.message)
    throw error
  }
}

/**
 * `kt doctor` with these arguments; resolves with the exit code: 0 when no hop failed, else 1.
 * @param find finds addresses of hosts, for tests
 */
export const run = async (args: readonly string[], io: Io, find?: Lookup): Promise<number> => {
  const options = parse(args)
  if (options.has('help') || options.has('version')) {
    io.out.write(options.has('help') ? ownHelp(spec, `${spec.summary}\n${usageLine}`, io) : `${KAFKA_VERSION}\n`)
    return 0
  }
  const format = outputFormat(options, io)
  const hops: Hop[] = []
  const properties: Properties = new Map()
  let redact = redactor(properties)
  const report = (hop: Hop): void => {
    // Cause and next step are kt's own words: blots in them would only tell which of them a secret is.
    const safe = { ...hop, detail: redact(hop.detail) }
    hops.push(safe)
    if (!format) for (const line of hopLines(safe, io.colour)) println(io.out, line)
  }
  const budget = new Budget(options.int('timeout-ms')!)
  const read = await takeHop('settings', settingsName(options, io), budget, () =>
    readProperties(options, io, properties),
  )
  redact = redactor(properties)
  if (read.hop.status === 'ok') await examine(options, io, budget, report, properties, find)
  else report(read.hop)
  if (format)
    await printStructured(io, format, hops.map(hopRow), ['hop', 'target', 'status', 'tookMs', 'detail', 'nextStep'])
  else println(io.out, verdictLine(hops))
  const isFine = hops.every(
    ({ status, detail }) => status === 'ok' || (status === 'skipped' && !detail.startsWith('no time')),
  )
  return isFine ? 0 : 1
}
