import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandExit } from '../../../src/cli/exit.ts'
import type { Io } from '../../../src/cli/io.ts'
import { run } from '../../../src/tools/storage/command.ts'

const CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kt-storage-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const storage = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
  let stdout = ''
  let stderr = ''
  const output = (write: (text: string) => void) => ({
    write: (data: string | Buffer) => write(data.toString()),
    drain: async () => {},
    flush: async () => {},
    closed: false,
  })
  const io = {
    out: output((text) => {
      stdout += text
    }),
    err: output((text) => {
      stderr += text
    }),
    env: {},
  } as unknown as Io
  try {
    return { code: await run(args, io), stdout, stderr }
  } catch (error) {
    if (!(error instanceof CommandExit)) throw error
    return { code: error.code, stdout, stderr: stderr + error.stderr }
  }
}

const config = (more: Record<string, string> = {}): string => {
  const path = join(root, 'server.properties')
  const texts = {
    'process.roles': 'broker,controller',
    'node.id': '7',
    'controller.quorum.bootstrap.servers': 'localhost:21099',
    listeners: 'PLAINTEXT://localhost:21098,CONTROLLER://localhost:21099',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': `${join(root, 'a')},${join(root, 'b')}`,
    ...more,
  }
  writeFileSync(
    path,
    Object.entries(texts)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return path
}

const formatUsage = `usage: kafka-storage format [-h] --config CONFIG --cluster-id CLUSTER_ID
                     [--add-scram ADD_SCRAM] [--ignore-formatted]
                     [--release-version RELEASE_VERSION]
                     [--feature FEATURE] [--standalone |
                     --no-initial-controllers |
                     --initial-controllers INITIAL_CONTROLLERS]
`

describe('kafka-storage', () => {
  it('formats, and tells what it formatted', async () => {
    const file = config()
    const formatted = await storage('format', '-s', '-t', CLUSTER, '-c', file)
    expect(formatted).toMatchObject({ code: 0, stderr: '' })
    expect(formatted.stdout.split('\n').slice(1)).toEqual([
      `Formatting dynamic metadata voter directory ${join(root, 'a')} with metadata.version 4.3-IV0.`,
      `Formatting data directory ${join(root, 'b')} with metadata.version 4.3-IV0.`,
      '',
    ])
    const told = await storage('info', '--config', file)
    expect(told.code).toBe(0)
    expect(told.stdout.replace(/directory.id=[\w-]{22}/, 'directory.id=<ID>')).toBe(
      `Found log directories:\n  ${join(root, 'a')}\n  ${join(root, 'b')}\n\n` +
        `Found metadata: {cluster.id=${CLUSTER}, directory.id=<ID>, node.id=7, version=1}\n\n`,
    )
    expect(await storage('format', '-gs', `--cluster-id=${CLUSTER}`, `--config=${file}`)).toEqual({
      code: 0,
      stdout: 'All of the log directories are already formatted.\n',
      stderr: '',
    })
  })

  it('tells what is missing', async () => {
    expect(await storage('info', '-c', config())).toEqual({
      code: 1,
      stdout: `Found problems:\n  ${join(root, 'a')} does not exist\n  ${join(root, 'b')} does not exist\n\n`,
      stderr: '',
    })
  })

  it.each([
    [
      ['-t', CLUSTER],
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following:',
    ],
    [['-t', CLUSTER, '-I', 'foo'], 'No @ found in dynamic voter string.'],
    [['-t', CLUSTER, '-s', '-r', '4.4-IV0'], "Unknown metadata.version '4.4-IV0'."],
    [
      ['-t', CLUSTER, '-s', '-f', 'group.version'],
      "Can't parse feature=level string group.version: equals sign not found.",
    ],
    [
      ['-t', CLUSTER, '-s', '-S', 'SCRAM-SHA-256=[name=alice]'],
      "You must supply one of 'password' or 'saltedpassword'",
    ],
  ])('refuses format %j', async (args, message) => {
    const refused = await storage('format', '-c', config(), ...args)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr.startsWith(message)).toBe(true)
  })

  it('refuses a dynamic quorum beside static voters', async () => {
    const file = config({ 'controller.quorum.voters': '7@localhost:21099' })
    const refused = await storage('format', '-s', '-t', CLUSTER, '-c', file)
    expect(refused.stderr).toMatch(
      /^You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone\./,
    )
  })

  it.each([
    [['format'], 'argument --cluster-id/-t is required'],
    [['format', '-t', 'x'], 'argument --config/-c is required'],
    [['format', '-t', 'x', '-c'], 'argument --config/-c: expected one argument'],
    [['format', '-t', 'x', '-c', 'y', 'extra'], "unrecognized arguments: 'extra'"],
    [['format', '-s', '-N'], 'argument --no-initial-controllers/-N: not allowed with argument --standalone/-s'],
  ])('answers %j with the usage', async (args, message) => {
    const { code, stdout, stderr } = await storage(...args)
    expect([code, stdout, stderr.startsWith(formatUsage)]).toEqual([1, '', true])
    const complaint = stderr.slice(formatUsage.length).replace(/\s+/g, ' ')
    expect(complaint).toBe(`kafka-storage: error: ${message} `)
  })

  it('knows its sub-commands, also by their beginnings', async () => {
    expect((await storage()).stderr).toContain('kafka-storage: error: too few arguments')
    expect((await storage('shine')).stderr).toMatch(
      /invalid\s+choice:\s+'shine'\s+\(choose\s+from\s+'info',\s+'format',/,
    )
    expect((await storage('rand')).stdout).toMatch(/^[\w-]{22}\n$/)
    expect((await storage('--help')).stdout).toContain('positional arguments:')
    expect((await storage('format', '-h')).stdout.startsWith(formatUsage)).toBe(true)
  })

  it('maps versions and dependencies', async () => {
    expect((await storage('version-mapping', '-r', '4.0')).stdout).toBe(
      'metadata.version=25 (4.0)\nkraft.version=1\ntransaction.version=2\ngroup.version=1\neligible.leader.replicas.version=0\nshare.version=0\nstreams.version=0\n',
    )
    expect(
      (await storage('feature-dependencies', '-f', 'group.version=1', '-f', 'eligible.leader.replicas.version=1'))
        .stdout,
    ).toBe(
      'group.version=1 has no dependencies.\neligible.leader.replicas.version=1 requires:\n    metadata.version=23 (4.0-IV1)\n',
    )
    expect(await storage('feature-dependencies', '-f', 'foo=1')).toMatchObject({
      code: 1,
      stderr: 'Unknown feature: foo\n',
    })
  })
})
