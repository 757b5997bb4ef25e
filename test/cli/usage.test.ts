import { describe, expect, it } from 'vitest'
import { CommandExit } from '../../src/cli/exit.ts'
import { parseOptions } from '../../src/cli/joptsimple.ts'
import { type CommandSpec, flag, helpOption, option, versionOption } from '../../src/cli/option-spec.ts'
import {
  helpOrVersion,
  optionTable,
  ownHelp,
  parseKeyValues,
  requireOneOf,
  requireOptions,
} from '../../src/cli/usage.ts'
import { memoryIo } from './memory-io.ts'

const spec: CommandSpec = {
  name: 'demo',
  script: 'kafka-demo',
  summary: 'Does nothing.',
  description: '',
  options: [
    option('topic', 'String', 'topic', 'A name.', { required: true }),
    flag('all', 'Everything there is, and some more words so that the text has to be broken into lines.'),
    option('old', 'Integer', '', 'Old.', { deprecated: true, defaultValue: 3 }),
    helpOption,
    versionOption,
  ],
  examples: [{ description: 'One', command: '--topic a' }],
}
const exitOf = (run: () => void): CommandExit => {
  try {
    run()
  } catch (error) {
    if (error instanceof CommandExit) return error
    throw error
  }
  throw new Error('it did not exit')
}

describe('usage', () => {
  it('draws the table of the Java tools', () => {
    const lines = optionTable(spec).split('\n')
    expect(lines[0]).toMatch(/^Option\s+Description$/)
    expect(lines[1]).toMatch(/^-{6}\s+-{11}$/)
    expect(lines.every((line) => line.length <= 80)).toBe(true)
    expect(
      lines
        .slice(2)
        .map((line) => line.split(' ')[0])
        .filter((word) => word?.startsWith('--')),
    ).toEqual(['--all', '--help', '--old', '--topic', '--version'])
    expect(optionTable(spec)).toContain('--topic <String: topic>  REQUIRED: A name.')
    expect(optionTable(spec)).toContain('(DEPRECATED) Old. (default: 3)')
  })

  it('prints help to standard error with code 1, the version to standard output with 0', () => {
    const io = memoryIo()
    expect(helpOrVersion(spec, parseOptions(spec, ['--help']), ['--help'], io)).toBe(1)
    expect(io.out.text).toBe('')
    expect(io.err.text).toMatch(/^Does nothing\.\nOption .*Examples\n {2}# One\n {2}kt demo --topic a\n$/s)
    const other = memoryIo()
    expect(helpOrVersion(spec, parseOptions(spec, ['--version']), ['--version'], other)).toBe(0)
    expect(other.out.text).toBe('4.3.0\n')
    expect(helpOrVersion(spec, parseOptions(spec, ['--all']), ['--all'], other)).toBeUndefined()
  })

  it("has the session's options in the help of own commands that talk to a cluster", () => {
    const lines = (options: CommandSpec['options']): string =>
      ownHelp({ ...spec, options }, 'Usage: kt demo', memoryIo())
    const bootstrap = option('bootstrap-server', 'String', 'server', 'Where.')
    expect(lines([bootstrap])).toMatch(
      /^Usage: kt demo\n\nOption .*--confirm <.*--profile <.*Examples\n {2}# One\n {2}kt demo --topic a\n$/s,
    )
    expect(lines([helpOption])).not.toContain('--profile')
    expect(ownHelp({ ...spec, options: [bootstrap], hasNoSession: true }, '', memoryIo())).not.toContain('--profile')
  })

  it('complains in the words of CommandLineUtils', () => {
    const options = parseOptions(spec, ['--all'])
    const exit = exitOf(() => requireOptions(spec, options, 'topic'))
    expect(exit.code).toBe(1)
    expect(exit.stderr).toMatch(/^Missing required argument "\[topic\]"\nOption /)
    expect(exitOf(() => requireOneOf(spec, options, 'topic', 'old')).message).toBe(
      'Exactly one of the following arguments is required: [topic], [old]',
    )
  })

  it('reads key=value arguments', () => {
    expect([...parseKeyValues(['a=1', 'b=', 'c', 'd=x=y'])]).toEqual([
      ['a', '1'],
      ['b', ''],
      ['c', ''],
      ['d', 'x=y'],
    ])
    expect(() => parseKeyValues(['a='], false)).toThrow('Missing value for key a')
  })
})
