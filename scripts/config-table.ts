/**
 * Writes docs/config-support.md (`npm run config-table`): which of Apache Kafka's broker configs have an effect here, and why the others have
 * none. What the code reads is found in the code, so the table can't promise more; a test checks that every config that isn't read has
 * its reason.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BROKER_CONFIG_DEF, TOPIC_CONFIG_SYNONYMS } from '../src/config/broker-definitions.ts'
import groupSynonyms from '../src/config/facts/group-synonyms.json' with { type: 'json' }
import { root } from './paths.ts'

export const CONFIG_TABLE = join(root, 'docs', 'config-support.md')

/** Why configs have no effect; the first that fits counts. All are validated as Kafka does, described and, where Kafka allows it, changed. */
export const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^remote\.|^log\.local\.retention\.|^follower\.fetch\.last\.tiered/, 'there is no tiered storage'],
  [
    /^replica\.(?!high\.watermark)|^num\.replica|^controller\.quorum\.|^controller\.(?:socket|performance)|^broker\.(?:heartbeat|session)|^initial\.broker|^(?:replication|alter\.log\.dirs)\..*quota\.|leader\.(?:rebalance|imbalance|election\.interval)|^inter\.broker|sasl\.mechanism\.(?:controller|inter\.broker)|^sasl\.client\.callback|^add\.partitions\.to\.txn|^unclean\.leader\.election\.interval|^log\.dir\.failure|^request\.timeout\.ms|^socket\.connection\.setup|^controlled\.shutdown\.enable|^early\.start/,
    'nothing is said between nodes: the cluster has one',
  ],
  [
    /threads|purgatory\.purge|load\.buffer\.size|append\.linger|cached\.buffer|^queued\.max\.requests|^internal\.|^server\.max\.startup|^log\.cleaner\.(?:io|dedupe)|^log\.initial\.task|^log\.flush\.start\.offset|^metadata\.max\.idle|^producer\.id\.expiration\.check|^offsets\.commit\.timeout|^share\.coordinator\.(?:write\.timeout|state\.topic\.prune|cold)|^group\.share\.initialize\.retry/,
    "it tunes how Kafka works inside; here the work is done otherwise, or at Kafka's default pace",
  ],
  [/^socket\.(?:send|receive)\.buffer/, "Node can't set it; the kernel sizes the buffers by itself"],
  [
    /\.class(?:\.name)?$|^metric\.reporters|^metrics?\.|^kafka\.metrics|^config\.providers|^security\.providers|^group\.share\.assignors|^ssl\.(?:provider|protocol|keymanager|trustmanager|secure\.random)|handler\.class$/,
    "it names a part of Java's, which can't be loaded; what Kafka has by default is there",
  ],
  [
    /^sasl\.(?:kerberos|login|oauthbearer\.(?:assertion|client|scope|token))|^ssl\.endpoint/,
    'there is no GSSAPI, and a broker logs in nowhere',
  ],
  [
    /^sasl\.oauthbearer\.jwks\.endpoint\.retry/,
    'a key set that can not be fetched is asked for again when a token needs it',
  ],
  [/compression\.codec$/, "the broker's own topics are written uncompressed, which is Kafka's default"],
  [/^unstable\.|^transaction\.two\.phase/, 'what is not yet stable in Kafka 4.3 is not there'],
  [/^log\.preallocate/, 'nothing is preallocated'],
]

/** Read by what they are made of, or outside of the folders looked at. */
const READ_OTHERWISE: ReadonlySet<string> = new Set(['max.connections.per.ip.overrides'])
/** Named in code that is a client's, or that names something else alike. */
const NOT_READ =
  /^remote\.|replication\.quota|^broker\.(?:heartbeat|session)|^group\.coordinator\.cached|^log\.preallocate|^sasl\.login\.|^sasl\.oauthbearer\.(?:client|scope$|token)|^ssl\.endpoint/
/** These only check or define. */
const NOT_READERS =
  /facts\/|generated\/|config\/(?:client|dynamic-broker-config|broker-checks|named-checks|embedded-config)/

function sources(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !NOT_READERS.test(path.replaceAll('\\', '/')))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
}

const escaped = (text: string): string => text.replace(/[.\\]/g, '\\$&')

/** Names that the code puts together: `${prefix}quota.window.num`. */
function templates(code: string): RegExp[] {
  return [...code.matchAll(/`([a-z.]*\$\{[^`}]*\}[a-z.]*(?:\$\{[^`}]*\})?)`/g)]
    .map(([, text]) => (text as string).split(/\$\{[^}]*\}/))
    .filter((parts) => parts.join('').length >= 8 && parts.join('').includes('.'))
    .map((parts) => new RegExp(`^${parts.map(escaped).join('[a-z0-9.]*')}$`))
}

/** Names of the broker configs that have an effect. */
export function configsRead(): Set<string> {
  const code = ['src/broker', 'src/config', 'src/storage', 'src/embedded'].map(sources).join('\n')
  const patterns = templates(code).filter((pattern) => !pattern.test('listener.name.x.y'))
  const has = (name: string): boolean =>
    code.includes(`'${name}'`) || patterns.some((pattern) => pattern.test(name)) || READ_OTHERWISE.has(name)
  const derived = new Map<string, string[]>()
  for (const [topic, names] of Object.entries(TOPIC_CONFIG_SYNONYMS)) {
    for (const name of names) derived.set(name, [...(derived.get(name) ?? []), topic])
  }
  for (const [group, name] of Object.entries(groupSynonyms)) derived.set(name, [...(derived.get(name) ?? []), group])
  return new Set(
    [...BROKER_CONFIG_DEF.keys.keys()].filter(
      (name) => !NOT_READ.test(name) && (has(name) || derived.get(name)?.some(has) === true),
    ),
  )
}

/** Why a config has no effect; undefined when nobody has said. */
export const reasonFor = (name: string): string | undefined => REASONS.find(([pattern]) => pattern.test(name))?.[1]

/** The whole document. */
export function configTable(): string {
  const read = configsRead()
  const all = [...BROKER_CONFIG_DEF.keys.keys()].sort()
  const without = all.filter((name) => !read.has(name))
  const lines = [
    '# Broker configs',
    '',
    `Apache Kafka 4.3 has ${all.length} broker configs. All are known here: validated, described, and changed at run time where Kafka allows it.`,
    `${read.size} have an effect. Generated by \`npm run config-table\` from the code; do not edit.`,
    '',
    '## Without effect, and why',
    '',
    ...REASONS.flatMap(([, reason]) => {
      const names = without.filter((name) => reasonFor(name) === reason)
      return names.length === 0 ? [] : [`- ${reason}: ${names.map((name) => `\`${name}\``).join(', ')}`]
    }),
    '',
    '## With effect',
    '',
    ...all.filter((name) => read.has(name)).map((name) => `- \`${name}\``),
    '',
  ]
  return lines.join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(CONFIG_TABLE, configTable())
