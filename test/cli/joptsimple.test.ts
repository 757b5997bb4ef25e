import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../src/cli/joptsimple.ts'
import { flag, option } from '../../src/cli/option-spec.ts'

const spec = {
  options: [
    flag('list', ''),
    flag('help', ''),
    option('topic', 'String', '', ''),
    option('topic-id', 'String', '', ''),
    option('partitions', 'Integer', '', ''),
    option('shift-by', 'Long', '', ''),
    option('state', 'String', '', '', { optional: true }),
    option('grade', 'Integer', '', '', { optional: true }),
    option('time', 'String', '', '', { defaultValue: 'latest' }),
    option('delete-config', 'String', '', '', { separator: ',' }),
    flag('x', ''),
    option('p', 'Integer', '', ''),
    option('output', 'String', '', '', { own: true }),
  ],
}
const parse = (...args: string[]) => parseOptions(spec, args)
const failure = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof OptionError) return error.message
    throw error
  }
  return 'no error'
}

describe('parseOptions', () => {
  it.each([[['--topic', 'a']], [['--topic=a']], [['-topic', 'a']], [['-topic=a']], [['--', '--topic'], undefined]] as [
    string[],
    undefined?,
  ][])('%j', (args, ...rest) => {
    expect(parse(...args).text('topic')).toBe(rest.length > 0 ? undefined : 'a')
  })

  it('takes the next word as an argument, whatever it looks like', () => {
    expect(parse('--topic', '--list').text('topic')).toBe('--list')
    expect(parse('--shift-by', '-3').long('shift-by')).toBe(-3n)
  })

  it('knows no abbreviations', () => {
    expect(failure(() => parse('--par', '3'))).toBe('par is not a recognized option')
    expect(failure(() => parse('-l'))).toBe('l is not a recognized option')
    expect(parse('-xp4').int('p')).toBe(4)
    expect(parse('-x').has('x')).toBe(true)
  })

  it('keeps words that belong to no option', () => {
    const options = parse('a', '--list', 'b', '-', '--', '--c')
    expect(options.words).toEqual(['a', 'b', '-', '--c'])
    expect(options.has('list')).toBe(true)
  })

  it('takes an optional argument only when the next word is none of the options', () => {
    expect(parse('--state', 'Empty').value('state')).toBe('Empty')
    expect(parse('--state', '--list').value('state')).toBeUndefined()
    expect(parse('--state', '--list').has('list')).toBe(true)
    expect(parse('--state').has('state')).toBe(true)
    expect(parse('--grade', '-2').int('grade')).toBe(-2)
    expect(parse('--grade', 'x').words).toEqual(['x'])
  })

  it('repeats, splits and defaults', () => {
    expect(parse('--topic', 'a', '--topic', 'b').texts('topic')).toEqual(['a', 'b'])
    expect(parse('--delete-config', 'a,,b').texts('delete-config')).toEqual(['a', 'b'])
    expect(parse().text('time')).toBe('latest')
    expect(parse().has('time')).toBe(false)
    expect(parse('--list=yes').has('list')).toBe(true)
    expect(parse('--topic=').text('topic')).toBe('')
    expect(parse('--topic', 'x', '--list', '--topic', 'y').order).toEqual(['topic', 'list', 'topic'])
  })

  it.each([
    [() => parse('--frobnicate'), 'frobnicate is not a recognized option'],
    [() => parse('--frob=1'), 'frob is not a recognized option'],
    [() => parse('--t', 'a'), 't is not a recognized option'],
    [() => parse('-xyz'), 'y is not a recognized option'],
    [() => parse('--topic'), 'Option topic requires an argument'],
    [() => parse('--partitions', 'many').int('partitions'), "Cannot parse argument 'many' of option partitions"],
    [
      () => parse('--partitions', '3000000000').int('partitions'),
      "Cannot parse argument '3000000000' of option partitions",
    ],
    [
      () => parse('--topic', 'a', '--topic', 'b').text('topic'),
      'Found multiple arguments for option topic, but you asked for only one',
    ],
  ])('%s', (run, message) => {
    expect(failure(run)).toBe(message)
  })

  it('reports a bad number only when it is read', () => {
    expect(parse('--partitions', 'many').has('partitions')).toBe(true)
    expect(parse('--shift-by', '9223372036854775807').long('shift-by')).toBe(9223372036854775807n)
    expect(failure(() => parse('--shift-by', '9223372036854775808').long('shift-by'))).toContain('shift-by')
  })
})
