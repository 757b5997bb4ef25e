import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SCHEMA_FOLDER, schemaFiles } from '../../scripts/schemas.ts'
import type { ArgparseParser } from '../../src/cli/argparse.ts'
import { loadSpecs } from '../../src/cli/commands.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import * as schema from '../../src/tools/schema/command.ts'
import { documents, namedSchemas } from '../../src/tools/schema/documents.ts'
import { memoryIo } from '../cli/memory-io.ts'

/** What an action prints: schemas, 'messages' for the lines of its text, null when it goes on printing and has no --output. */
type Printed = readonly string[] | 'messages' | null

const groups = (command: string): Record<string, Printed> => ({
  list: [`${command}-list`],
  describe: [`${command}-offsets`, `${command}-members`, `${command}-state`],
  delete: [`${command}-delete`],
  'delete-offsets': [`${command}-delete-offsets`],
  'reset-offsets': [`${command}-reset-offsets`],
})

/** Every action of every command that has --output. '' is a command that does one thing. */
const actions: Record<string, Record<string, Printed>> = {
  topics: {
    list: ['topics-list'],
    describe: ['topics-describe'],
    create: 'messages',
    alter: 'messages',
    delete: 'messages',
  },
  configs: { describe: ['configs-describe', 'configs-describe-quotas'], alter: 'messages' },
  'get-offsets': { '': ['get-offsets'] },
  'producer-perf-test': { '': ['producer-perf-test'] },
  'consumer-perf-test': { '': ['consumer-perf-test'] },
  'share-consumer-perf-test': { '': ['share-consumer-perf-test'] },
  'e2e-latency': { '': ['e2e-latency'] },
  'delete-records': { '': ['delete-records'] },
  'consumer-groups': groups('consumer-groups'),
  'share-groups': groups('share-groups'),
  'streams-groups': groups('streams-groups'),
  groups: { list: ['groups-list'] },
  transactions: {
    list: ['transactions-list'],
    describe: ['transactions-describe'],
    'describe-producers': ['transactions-describe-producers'],
    'find-hanging': ['transactions-find-hanging'],
    abort: 'messages',
    forceTerminateTransaction: 'messages',
  },
  'client-metrics': {
    list: ['client-metrics-list'],
    describe: ['client-metrics-describe'],
    alter: 'messages',
    delete: 'messages',
  },
  features: {
    describe: ['features-describe'],
    'version-mapping': ['features-version-mapping'],
    'feature-dependencies': ['features-feature-dependencies'],
    upgrade: 'messages',
    downgrade: 'messages',
    disable: 'messages',
  },
  acls: { list: ['acls-list'], add: 'messages', remove: 'messages' },
  'delegation-tokens': {
    describe: ['delegation-tokens-describe'],
    create: 'messages',
    renew: 'messages',
    expire: 'messages',
  },
  cluster: { 'cluster-id': ['cluster-id'], 'list-endpoints': ['cluster-list-endpoints'], unregister: 'messages' },
  'metadata-quorum': {
    describe: ['metadata-quorum-status', 'metadata-quorum-replication'],
    'add-controller': 'messages',
    'remove-controller': 'messages',
  },
  'leader-election': { '': ['leader-election'] },
  'reassign-partitions': {
    list: ['reassign-partitions-list'],
    verify: ['reassign-partitions-verify'],
    generate: 'messages',
    execute: 'messages',
    cancel: 'messages',
  },
  'log-dirs': { describe: ['log-dirs-describe'] },
  'broker-api-versions': { '': ['broker-api-versions'] },
  'dump-log': { '': ['dump-log'] },
  storage: {
    info: ['storage-info'],
    'version-mapping': ['storage-version-mapping'],
    'feature-dependencies': ['storage-feature-dependencies'],
    format: 'messages',
    'random-uuid': 'messages',
  },
  broker: { status: ['broker-status'], start: ['broker-start'], stop: ['broker-stop'], logs: null },
  lag: { '': ['lag'] },
  doctor: { '': ['doctor'] },
  profile: {
    list: ['profile-list'],
    show: ['profile-show'],
    add: 'messages',
    use: 'messages',
    remove: 'messages',
    import: 'messages',
  },
  'connect-plugin-path': { list: ['connect-plugin-path-list'], 'sync-manifests': null },
  undo: { list: ['undo-list'] },
  schema: { '': ['schema-list'] },
}

/** Commands that have nothing to list: they move records, measure, go on until they are stopped, or print a program. */
const without = [
  'console-producer',
  'console-consumer',
  'console-share-consumer',
  'verifiable-producer',
  'verifiable-consumer',
  'replica-verification',
  'streams-application-reset',
  'metadata-shell',
  'server-start',
  'server-stop',
  'connect-standalone',
  'connect-distributed',
  'link',
  'completion',
]

/** Flags that say what a command does, in all of Kafka's scripts. */
const actionFlags = new Set(
  'list describe verify create alter add remove delete delete-offsets reset-offsets generate execute cancel renew expire'.split(
    ' ',
  ),
)
/** `--execute` carries out --reset-offsets there. */
const isModifier = (command: string, flag: string): boolean => flag === 'execute' && command.endsWith('-groups')

const parserOf = async (command: string): Promise<ArgparseParser | undefined> => {
  const path = join(import.meta.dirname, '../../src/tools', command, 'options.ts')
  if (!existsSync(path)) return undefined
  return ((await import(path)) as { parser?: ArgparseParser }).parser
}

describe('--output', async () => {
  const specs = await loadSpecs()

  it.each(specs.map((spec) => [spec.name, spec] as const))(
    '%s has it on every action that lists',
    async (name, spec) => {
      const has = spec.options.some(
        (option) => option.name === 'output' && option.argument?.completion?.includes('yaml'),
      )
      if (without.includes(name)) {
        expect(has, `${name} is among those without --output`).toBe(false)
        return
      }
      expect(has, `${name} has no --output: give it one, or say above why it has nothing to list`).toBe(true)
      const known = actions[name] ?? {}
      const words = Array.isArray(spec.words) ? (spec.words as string[]) : []
      const flags = spec.options
        .filter(
          (option) => option.argument === undefined && actionFlags.has(option.name) && !isModifier(name, option.name),
        )
        .map((option) => option.name)
      const found = [...words, ...flags]
      expect(Object.keys(known).sort()).toEqual((found.length === 0 ? [''] : found).sort())
      const parser = await parserOf(name)
      for (const command of parser?.commands ?? []) {
        const takesIt = command.arguments.some((argument) => argument.name === 'output')
        expect(takesIt, `${name} ${command.name} --output`).toBe(known[command.name] !== null)
      }
    },
  )

  it('has a schema for every action', () => {
    const wanted = Object.entries(actions).flatMap(([command, all]) =>
      Object.values(all).flatMap((printed) =>
        Array.isArray(printed) ? printed.map((one) => `${command}: ${one}`) : [],
      ),
    )
    expect(documents.map(({ command, name }) => `${command}: ${name}`).sort()).toEqual(wanted.sort())
  })
})

/** All names of fields in a JSON schema. */
const fieldsIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const { properties, ...rest } = value as { properties?: Record<string, unknown> }
  const own = properties && typeof properties === 'object' ? Object.keys(properties) : []
  return [...own, ...Object.values(properties ?? {}).flatMap(fieldsIn), ...Object.values(rest).flatMap(fieldsIn)]
}

describe('docs/schemas', () => {
  const files = schemaFiles()

  it('is what the zod schemas say (else: npm run schemas)', () => {
    expect(readdirSync(SCHEMA_FOLDER).sort()).toEqual([...files.keys()].sort())
    for (const [name, text] of files) expect(readFileSync(join(SCHEMA_FOLDER, name), 'utf8'), name).toBe(text)
  })

  it.each([...files])('%s keeps the rules for names', (_name, text) => {
    for (const field of fieldsIn(JSON.parse(text))) {
      expect(field).toMatch(/^[a-z][a-zA-Z]*$/)
      // One word for one thing.
      expect(['groupId', 'consumerId', 'member', 'brokerId', 'topicName', 'node', 'ms', 'internal']).not.toContain(
        field,
      )
      expect(field).not.toMatch(/(Time|Date|Timestamp|Size|Bytes.+|Ms.+)$/)
    }
  })
})

describe('kt schema', () => {
  const run = async (args: string[]) => {
    const io = memoryIo()
    return { code: await runCommand(schema, args, io), out: io.out.text, err: io.err.text }
  }

  it('lists and prints them', async () => {
    const names = namedSchemas().map(({ name }) => name)
    expect((await run([])).out.split('\n').filter(Boolean)).toHaveLength(names.length)
    expect(
      (JSON.parse((await run(['--output', 'json'])).out) as { schema: string }[]).map((one) => one.schema),
    ).toEqual(names)
    expect((await run(['topics-list'])).out).toBe(schemaFiles().get('topics-list.json'))
    expect((await run(['topics-list', '--output', 'json'])).out).toBe(schemaFiles().get('topics-list.json'))
    expect((await run(['topics-list', '--output', 'yaml'])).out).toContain('title: topics-list')
  })

  it('says what to do about a wrong name', async () => {
    const unknown = "There is no schema 'topics-lst'.\nDid you mean `kt schema topics-list`?\n"
    expect(await run(['topics-lst'])).toEqual({ code: 1, out: '', err: unknown })
    expect((await run(['a', 'b'])).err).toContain('One schema at a time')
    expect((await run(['--help'])).code).toBe(0)
  })
})
