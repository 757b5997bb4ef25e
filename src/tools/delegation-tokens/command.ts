import { type Io, println } from '../../cli/io.ts'
import { type OptionSet, parseOptions } from '../../cli/joptsimple.ts'
import { forbidTogether, requireOptions, usageExit } from '../../cli/usage.ts'
import type { DelegationToken, Principal } from '../../client/security-types.ts'
import type { Admin } from '../../client/types.ts'
import { requireAdminOptions, runPlainly, withAdmin } from '../shared/admin-command.ts'
import { type Connect, connectWith } from '../shared/connect.ts'
import { execute } from '../shared/execution.ts'
import { decodeBase64, javaList, left } from '../shared/java.ts'
import { parsePrincipal, principalText } from '../shared/principal.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

/** yyyy-MM-dd'T'HH:mm in the local time zone. */
const dateText = (timeMs: number): string => {
  const date = new Date(timeMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

const principalsOf = (options: OptionSet, name: string): Principal[] =>
  options.has(name) ? options.texts(name).map((text) => parsePrincipal(text.trim())) : []

const longOf = (options: OptionSet, name: string): bigint => {
  const value = options.long(name)
  if (value !== undefined) return value
  throw new Error(
    'Cannot invoke "java.lang.Long.longValue()" because the return value of "joptsimple.OptionSet.valueOf(joptsimple.OptionSpec)" is null',
  )
}

const columns = [15, 30, 15, 15, 25, 15, 15, 15]

const printTokens = (tokens: readonly DelegationToken[], io: Io): void => {
  const line = (cells: readonly string[]): void => {
    io.out.write(`\n${cells.map((cell, i) => left(cell, columns[i]!)).join(' ')}\n`)
  }
  line(['TOKENID', 'HMAC', 'OWNER', 'REQUESTER', 'RENEWERS', 'ISSUEDATE', 'EXPIRYDATE', 'MAXDATE'])
  for (const token of tokens) {
    line([
      token.tokenId,
      token.hmac.toString('base64'),
      principalText(token.owner),
      principalText(token.requester),
      token.renewers.map(principalText).join(','),
      ...[token.issueTimestampMs, token.expiryTimestampMs, token.maxTimestampMs].map(dateText),
    ])
  }
}

const create = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const renewers = principalsOf(options, 'renewer-principal')
  const maxLifetimeMs = longOf(options, 'max-life-time-period')
  println(
    io.out,
    `Calling create token operation with renewers :${javaList(renewers.map(principalText))} , max-life-time-period :${maxLifetimeMs}`,
  )
  const [owner = null] = principalsOf(options, 'owner-principal')
  const token = await execute(admin.createDelegationToken({ owner, renewers, maxLifetimeMs }))
  println(io.out, `Created delegation token with tokenId : ${token.tokenId}`)
  printTokens([token], io)
}

const prolong = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const renew = options.has('renew')
  const hmac = options.text('hmac') ?? ''
  const periodMs = longOf(options, renew ? 'renew-time-period' : 'expiry-time-period')
  const [what, period] = renew ? ['renew', 'renew-time-period'] : ['expire', 'expire-time-period']
  println(io.out, `Calling ${what} token operation with hmac :${hmac} , ${period} :${periodMs}`)
  const bytes = decodeBase64(hmac)
  const expiryMs = await execute(
    renew ? admin.renewDelegationToken(bytes, periodMs) : admin.expireDelegationToken(bytes, periodMs),
  )
  io.out.write(`Completed ${what} operation. New expiry date : ${dateText(expiryMs)}`)
}

const describe = async (admin: Admin, options: OptionSet, io: Io): Promise<void> => {
  const owners = principalsOf(options, 'owner-principal')
  const format = outputFormat(options, io)
  if (format === undefined) {
    println(
      io.out,
      owners.length === 0
        ? 'Calling describe token operation for current user.'
        : `Calling describe token operation for owners: ${javaList(owners.map(principalText))}`,
    )
  }
  const tokens = await execute(admin.describeDelegationTokens(owners))
  if (format === undefined) {
    io.out.write(`Total number of tokens : ${tokens.length}`)
    printTokens(tokens, io)
    return
  }
  const rows = tokens.map((token) => ({
    tokenId: token.tokenId,
    hmac: token.hmac.toString('base64'),
    owner: principalText(token.owner),
    requester: principalText(token.requester),
    renewers: token.renewers.map(principalText),
    issueTimestampMs: token.issueTimestampMs,
    expiryTimestampMs: token.expiryTimestampMs,
    maxTimestampMs: token.maxTimestampMs,
  }))
  await printStructured(io, format, rows, ['tokenId', 'owner', 'requester', 'renewers', 'expiryTimestampMs'])
}

/** The checks of DelegationTokenCommandOptions, in Kafka's order. */
const checkOptions = (options: OptionSet, io: Io): void => {
  if (['create', 'renew', 'expire', 'describe'].filter((action) => options.has(action)).length !== 1) {
    usageExit(spec, 'Command must include exactly one action: --create, --renew, --expire or --describe')
  }
  requireAdminOptions(spec, options, io, 'bootstrap-server', 'command-config')
  if (options.has('create')) requireOptions(spec, options, 'max-life-time-period')
  if (options.has('renew')) requireOptions(spec, options, 'hmac', 'renew-time-period')
  if (options.has('expire')) requireOptions(spec, options, 'hmac', 'expiry-time-period')
  const [maxLife, renewTime, expiryTime] = ['max-life-time-period', 'renew-time-period', 'expiry-time-period']
  forbidTogether(spec, options, 'create', ['hmac', renewTime, expiryTime])
  forbidTogether(spec, options, 'renew', ['renewer-principal', maxLife, expiryTime, 'owner-principal'])
  forbidTogether(spec, options, 'expire', ['renew', maxLife, renewTime, 'owner-principal'])
  forbidTogether(spec, options, 'describe', [renewTime, maxLife, 'hmac', expiryTime])
}

/** `kafka-delegation-tokens.sh` with these arguments; resolves with the exit code. */
export const run = (args: readonly string[], io: Io, connect: Connect = connectWith): Promise<number> =>
  runPlainly(
    spec,
    args,
    io,
    () => parseOptions(spec, args),
    async (options) => {
      checkOptions(options, io)
      const act = options.has('create') ? create : options.has('describe') ? describe : prolong
      await withAdmin({ options, io, connect }, (admin) => act(admin, options, io))
    },
  )
