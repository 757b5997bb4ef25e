import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CommandExit } from '../../src/cli/exit.ts'
import { type Io, println } from '../../src/cli/io.ts'
import { OptionError } from '../../src/cli/joptsimple.ts'
import { outputOption } from '../../src/cli/option-spec.ts'
import { debugStack, printError, runCommand } from '../../src/cli/run-command.ts'
import { usageExit } from '../../src/cli/usage.ts'
import { ClientError } from '../../src/client/client-error.ts'
import { ErrorCode, KafkaError } from '../../src/protocol/errors.ts'
import { errorDocumentSchema } from '../../src/tools/shared/document-fields.ts'
import { ExecutionError } from '../../src/tools/shared/execution.ts'
import { failedRow, outputFormat, printStructured } from '../../src/tools/shared/structured.ts'
import { memoryIo } from './memory-io.ts'

const spec = {
  name: 'x',
  script: 'x',
  summary: '',
  description: '',
  options: [outputOption],
  endless: ['--follow'],
  examples: [],
}

const execute = async (
  run: (io: Io) => Promise<number> | number,
  args: readonly string[] = ['--output', 'json'],
  env: Record<string, string> = {},
) => {
  const io = memoryIo([], env)
  const code = await runCommand({ spec, run: async (_args, given) => run(given) }, args, io)
  return { code, out: io.out.text, err: io.err.text }
}

const errorOf = async (run: (io: Io) => Promise<number> | number) => {
  const { code, out, err } = await execute(run)
  const { error } = errorDocumentSchema.parse(JSON.parse(err))
  expect(error.exitCode).toBe(code)
  return { ...error, out }
}

const document = (io: Io) => printStructured(io, 'json', [{ topic: 'a' }], ['topic'])

describe('a command that a program reads', () => {
  it('prints nothing but the document on standard output', async () => {
    const result = await execute(async (io) => {
      println(io.out, 'Querying brokers')
      println(io.err, 'WARN something')
      await document(io)
      return 0
    })
    expect(result).toEqual({
      code: 0,
      out: '[\n  {\n    "topic": "a"\n  }\n]\n',
      err: 'Querying brokers\nWARN something\n',
    })
  })

  it('gives the lines of an action without a document as messages', async () => {
    const { code, out } = await execute((io) => {
      println(io.out, 'Created topic a.\n\nReally.')
      return 0
    })
    expect([code, JSON.parse(out)]).toEqual([0, [{ message: 'Created topic a.' }, { message: 'Really.' }]])
  })

  it('says what a broker answered, whatever it was wrapped in', async () => {
    const refusal = new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    const wrapped = new Error('Executing failed', { cause: new ExecutionError(refusal) })
    const error = await errorOf((io) => {
      println(io.out, 'Error: Executing failed')
      debugStack(io, wrapped)
      return 1
    })
    expect(error).toMatchObject({
      kind: 'broker',
      name: 'TOPIC_AUTHORIZATION_FAILED',
      code: 29,
      class: 'org.apache.kafka.common.errors.TopicAuthorizationException',
      message: 'Topic authorization failed.',
      isRetriable: false,
      output: ['Error: Executing failed'],
      out: '',
    })
  })

  it('says what the client met, with the next step', async () => {
    const refused = new ClientError('refused', 'No node could be reached', {
      detail: 'Refused.',
      nextStep: 'Start it.',
    })
    expect(await errorOf(() => Promise.reject(refused))).toMatchObject({
      kind: 'connection',
      name: 'refused',
      message: 'No node could be reached',
      detail: 'Refused.',
      nextStep: 'Start it.',
      isRetriable: true,
    })
  })

  it('tells wrong arguments from the rest', async () => {
    expect(await errorOf(() => usageExit(spec, 'Which?\n'))).toMatchObject({
      kind: 'usage',
      message: 'Which?',
      nextStep: '`kt x --help` shows the options.',
    })
    const unknown = new OptionError('nope is not a recognized option')
    const complains = (io: Io): number => {
      printError(io, unknown)
      return 1
    }
    expect(await errorOf(complains)).toMatchObject({
      kind: 'usage',
      message: unknown.message,
    })
    expect(await errorOf(() => Promise.reject(new CommandExit(3, 'gone\n')))).toMatchObject({
      kind: 'other',
      message: 'gone',
      exitCode: 3,
    })
  })

  it('fails when something failed, even where Kafka ends with 0, and names each thing', async () => {
    const error = await errorOf(async (io) => {
      const rows = ['a', 'b'].map((group) => failedRow(io, { group }, new KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)))
      await printStructured(io, 'json', [...rows, { group: 'c', error: null }], ['group'])
      return 0
    })
    expect(error).toMatchObject({
      kind: 'partial',
      message: '2 failed: group a, group b',
      exitCode: 1,
      failures: [
        { group: 'a', name: 'GROUP_ID_NOT_FOUND' },
        { group: 'b', name: 'GROUP_ID_NOT_FOUND' },
      ],
    })
    expect(JSON.parse(error.out)).toHaveLength(3)
  })

  it('takes the last line when a command ends without a word on why', async () => {
    const error = await errorOf((io) => {
      println(io.out, 'first\nNothing was found.')
      return 2
    })
    expect(error).toMatchObject({ kind: 'other', message: 'Nothing was found.', exitCode: 2 })
  })

  it('says so when the document can not be written', async () => {
    const io = memoryIo()
    io.out.flush = () => Promise.reject(new Error('cannot write: no space left'))
    const run = async (_args: readonly string[], given: Io): Promise<number> => {
      await document(given)
      return 0
    }
    expect(await runCommand({ spec, run }, ['--output', 'json'], io)).toBe(1)
    expect(JSON.parse(io.err.text)).toMatchObject({ error: { message: 'cannot write: no space left' } })
  })

  it('keeps a status that is no failure', async () => {
    const stopped = await execute(async (io) => {
      await document(io)
      return 3
    })
    expect([stopped.code, stopped.err]).toEqual([3, ''])
  })

  it('writes errors as YAML under --output yaml', async () => {
    const { err } = await execute(() => Promise.reject(new Error('broken')), ['--output=yaml'])
    expect(errorDocumentSchema.parse(parse(err)).error.message).toBe('broken')
  })
})

describe('who reads', () => {
  const fails = () => Promise.reject(new Error('broken'))
  const people: [string[], Record<string, string>][] = [
    [['--list'], {}],
    [['--output', 'table'], {}],
    [[], { KT_OUTPUT: 'json' }],
    [['--help'], { KT_OUTPUT: 'json' }],
    [['--follow'], { KT_OUTPUT: 'json' }],
    [['--output', 'table'], { KT_OUTPUT: 'json' }],
    [['--', '--output', 'json'], {}],
  ]
  it.each(people)('a person: %j %j', async (args, env) => {
    expect(await execute(fails, args, env)).toEqual({ code: 1, out: '', err: 'broken\n' })
  })

  it.each([
    [['--list', '-output', 'json'], {}],
    [['--list'], { KT_OUTPUT: 'json' }],
    [['--output', 'json'], { KT_OUTPUT: 'table' }],
  ] as [string[], Record<string, string>][])('a program: %j %j', async (args, env) => {
    expect((await execute(fails, args, env)).err).toContain('"message": "broken"')
  })

  it('takes KT_OUTPUT for --output, and refuses what is neither', () => {
    const options = (text?: string) => ({ text: () => text })
    expect(outputFormat(options(), memoryIo([], { KT_OUTPUT: 'yaml' }))).toBe('yaml')
    expect(outputFormat(options('json'), memoryIo([], { KT_OUTPUT: 'yaml' }))).toBe('json')
    expect(outputFormat(options(), memoryIo([], { KT_OUTPUT: '' }))).toBe(undefined)
    expect(() => outputFormat(options(), memoryIo([], { KT_OUTPUT: 'xml' }))).toThrow(
      "Invalid value 'xml' of KT_OUTPUT",
    )
  })
})

describe('a stream of records that a program reads', () => {
  const output = { ...outputOption, argument: { ...outputOption.argument!, completion: ['json', 'lines'] } }
  const stream = async (
    run: (io: Io) => Promise<number> | number,
    args = ['--output', 'json'],
    stderrIsTTY = false,
  ) => {
    const io = { ...memoryIo(), stderrIsTTY }
    const module = {
      spec: { ...spec, options: [output] },
      run: async (_args: readonly string[], given: Io) => run(given),
    }
    const code = await runCommand(module, args, io)
    return { code, out: io.out.text, err: io.err.text }
  }
  const lines = (text: string): unknown[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)

  it('has its messages as lines of JSON, as they come, and no document when all went well', async () => {
    const { code, out, err } = await stream((io) => {
      io.out.write('{"topic":"t"}\n')
      io.err.write('WARN it is')
      io.err.write(' slow\nProcessed a total of 1 messages\n')
      return 0
    })
    expect([code, out]).toEqual([0, '{"topic":"t"}\n'])
    expect(lines(err)).toEqual([{ message: 'WARN it is slow' }, { message: 'Processed a total of 1 messages' }])
  })

  it('ends with the error document when it fails', async () => {
    const { code, err } = await stream((io) => {
      printError(io, new ClientError('refused', 'Nobody there.'))
      return 1
    })
    const [message, last] = lines(err)
    expect([code, message]).toEqual([1, { message: 'Nobody there.' }])
    expect(errorDocumentSchema.parse(last).error).toMatchObject({ kind: 'connection', name: 'refused', exitCode: 1 })
    const usage = await stream(() => usageExit(spec, 'wrong'))
    expect(errorDocumentSchema.parse(lines(usage.err)[0]).error.kind).toBe('usage')
  })

  it('is text for a person', async () => {
    const say = (io: Io): number => {
      println(io.err, 'Nobody there.')
      return 1
    }
    expect((await stream(say, ['--output', 'json'], true)).err).toBe('Nobody there.\n')
    expect((await stream(say, ['--output', 'lines'])).err).toBe('Nobody there.\n')
  })
})
