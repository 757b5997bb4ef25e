import { describe, expect, it } from 'vitest'
import { type ArgparseParser, ArgparseValues, helpArgument, parseArgparse } from '../../src/cli/argparse.ts'
import { wrapJustified } from '../../src/cli/argparse-text.ts'
import { CommandExit } from '../../src/cli/exit.ts'

const parser: ArgparseParser = {
  name: 'kafka-things.sh',
  description: 'Things.',
  arguments: [
    helpArgument,
    { name: 'version', short: 'v', action: 'version', help: 'show it' },
    { name: 'bootstrap-server', metavar: 'host:port', required: true, help: 'where' },
  ],
  commands: [
    {
      name: 'list',
      help: 'list things',
      arguments: [helpArgument, { name: 'max', type: 'Integer', help: 'how many' }],
    },
    {
      name: 'link',
      arguments: [
        helpArgument,
        { name: 'from', required: true, help: 'a' },
        { name: 'to', required: true, help: 'b' },
        { name: 'a', group: 'one', help: '' },
        { name: 'b', group: 'one', action: 'flag', help: '' },
        { name: 'props', many: true, help: '' },
      ],
      groups: [{ title: 'one', description: 'of them', oneOf: 'required' }],
    },
  ],
}

const read = (command: string): ArgparseValues => {
  const result = parseArgparse(parser, command.split(' '))
  if (!(result instanceof ArgparseValues)) throw new Error(result.text)
  return result
}

const complaint = (command: string): string => {
  try {
    parseArgparse(parser, command.split(' '))
  } catch (error) {
    if (error instanceof CommandExit) return error.stderr.replace(/^usage:(?:.*\n)*?(?=kafka-things)/, '').trim()
    throw error
  }
  throw new Error('no complaint')
}

describe('argparse4j', () => {
  it('reads options before and after the sub-command, and unique beginnings of names', () => {
    const values = read('--boot h:1 lis --max=3')
    expect([values.command, values.text('bootstrap-server'), values.number('max')]).toEqual(['list', 'h:1', 3])
    const many = read('--bootstrap-server h:1 link --props x=1 y=2 --from - --to -5 --b').list('props')
    expect(many).toEqual(['x=1', 'y=2'])
  })

  it.each([
    ['--bootstrap-server h:1', 'too few arguments'],
    ['list', 'argument --bootstrap-server is required'],
    ['--bootstrap-server h:1 link --b', 'argument --to is required'],
    ['--bootstrap-server h:1 link --from 1 --to 2', 'one of the arguments --a --b is required'],
    ['--bootstrap-server h:1 link --a 1 --b', 'argument --b: not allowed with argument --a'],
    ['--bootstrap-server h:1 list --max x', `argument --max: could not convert 'x' to Integer (For input string: "x")`],
    ['--bootstrap-server', 'argument --bootstrap-server: expected one argument'],
    ['--bootstrap-server h:1 l', 'ambiguous command: l could match link, list'],
    ['--bootstrap-server h:1 list more', "unrecognized arguments: 'more'"],
    ['--bootstrap-server h:1 list -v', "unrecognized arguments: '-v'"],
  ])('%s: %s', (command, message) => {
    expect(complaint(command).replaceAll(/\s+/g, ' ')).toBe(`kafka-things.sh: error: ${message}`)
  })

  it('reads letters behind one dash, repeated options and words', () => {
    const letters: ArgparseParser = {
      name: 'x',
      helpCode: 0,
      arguments: [
        helpArgument,
        { name: 'all', short: 'a', action: 'flag', help: '' },
        { name: 'file', short: 'f', repeats: true, help: 'which' },
        { name: 'mine', own: true, help: 'kt has it' },
      ],
      words: { name: 'word', help: 'any' },
    }
    const values = parseArgparse(letters, ['-afone', 'w', '-f=two', '-f', 'three', '--', '-a'])
    if (!(values instanceof ArgparseValues)) throw new Error('help')
    expect([values.has('all'), values.list('file'), values.text('file'), values.words]).toEqual([
      true,
      ['one', 'two', 'three'],
      'three',
      ['w', '-a'],
    ])
    expect(() => parseArgparse(letters, ['-ax'])).toThrow()
    const help = parseArgparse(letters, ['-h'])
    expect(help).toMatchObject({ code: 0 })
    expect('text' in help && help.text).toBe(
      'usage: x [-h] [--all] [--file FILE] [word [word ...]]\n\npositional arguments:\n  word                   any\n\n' +
        'optional arguments:\n  -h, --help             show this help message and exit\n  --all, -a\n' +
        '  --file FILE, -f FILE   which\n  --mine MINE            kt has it\n',
    )
  })

  it('says what may have been meant', () => {
    expect(complaint('--bootstrap-server h:1 lost')).toMatch(/Did you mean:\n\tlist$/)
    expect(complaint('--bootstrap-server h:1 list --mix')).toMatch(/Did you mean:\n\t--max$/)
  })

  it('shows help and version', () => {
    expect(parseArgparse(parser, ['-v'])).toMatchObject({ code: 0, text: expect.stringMatching(/^4\.3\.0 \(Commit:/) })
    const help = parseArgparse(parser, ['list', '-h'])
    expect(help).toMatchObject({ code: 1 })
    expect('text' in help && help.text).toBe(
      'usage: kafka-things.sh --bootstrap-server host:port list [-h] [--max MAX]\n\noptional arguments:\n' +
        '  -h, --help             show this help message and exit\n  --max MAX              how many\n',
    )
  })

  it('justifies all lines but the last', () => {
    const text = 'This tool is used to analyze the transactional state of producers in the cluster and more.'
    const [first, last] = wrapJustified(text, 0, '').split('\n')
    expect([first!.length, `${first!.split(/ +/).join(' ')} ${last}`]).toEqual([75, text])
  })
})
