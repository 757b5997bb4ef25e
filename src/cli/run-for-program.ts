import type { CommandModule } from './command-module.ts'
import { errorDocument, type Failure } from './error-document.ts'
import { CommandExit } from './exit.ts'
import type { Io } from './io.ts'
import type { MachineFormat } from './machine.ts'
import type { Output } from './output.ts'

/** More text than this is not kept; what comes first says most. */
const MAX_TEXT_BYTES = 256 * 1024

/** Text held back until it is known how the command ends. */
class HeldText implements Output {
  readonly #reader: Output
  readonly #chunks: string[] = []
  #bytes = 0

  /** @param reader who the text is for in the end; when it goes away, the command may stop */
  constructor(reader: Output) {
    this.#reader = reader
  }

  get closed(): boolean {
    return this.#reader.closed
  }

  write(data: string | Buffer): void {
    if (this.#bytes > MAX_TEXT_BYTES) return
    this.#bytes += data.length
    this.#chunks.push(data.toString())
  }

  drain(): Promise<void> {
    return this.#reader.drain()
  }

  flush(): Promise<void> {
    return this.#reader.flush()
  }

  get text(): string {
    return this.#chunks.join('')
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line.trim() !== '')
  }
}

/** Where the document goes; knows whether there was one. */
class DocumentOutput implements Output {
  readonly #output: Output
  isUsed = false

  constructor(output: Output) {
    this.#output = output
  }

  get closed(): boolean {
    return this.#output.closed
  }

  write(data: string | Buffer): void {
    this.isUsed = true
    this.#output.write(data)
  }

  drain(): Promise<void> {
    return this.#output.drain()
  }

  flush(): Promise<void> {
    return this.#output.flush()
  }
}

/** A document as text; JSON over several lines. */
export const documentText = async (format: MachineFormat, value: unknown): Promise<string> =>
  format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : (await import('./yaml.ts')).stringify(value)

/**
 * Runs a command whose output a program reads: standard output gets the document and nothing else, standard error one error document
 * when the command fails, else what there is to say besides. A command that Kafka's script would end with 0 although something
 * failed ends with 1. An action without a document of its own gives the lines of its text as `message`s.
 * @returns the exit code; everything is written when it resolves
 */
export const runForProgram = async (
  module: CommandModule,
  args: readonly string[],
  io: Io,
  format: MachineFormat,
): Promise<number> => {
  const failures: Failure[] = []
  const [document, said, told] = [new DocumentOutput(io.out), new HeldText(io.out), new HeldText(io.err)]
  const failed: NonNullable<Io['failed']> = (error, thing) => {
    if (thing !== undefined || !failures.some((one) => one.error === error)) failures.push({ error, thing })
  }
  let code: number
  try {
    code = await module.run(args, { ...io, out: said, err: told, document, colour: false, failed })
  } catch (error) {
    code = error instanceof CommandExit ? error.code : 1
    // What a command reported before it ended itself says more than its last words.
    const isSilent = error instanceof CommandExit && failures.some(({ thing }) => thing === undefined)
    if (code !== 0 && !isSilent) failures.push({ error })
    if (error instanceof CommandExit && !error.isUsage) told.write(error.brief)
  }
  const hasDocument = document.isUsed
  const hasFailed = (): boolean => failures.length > 0 || (code !== 0 && !hasDocument)
  if (!hasDocument && !hasFailed()) {
    const messages = said.lines.map((message) => ({ message }))
    document.write(await documentText(format, messages))
  }
  // What can't be written is a failure too.
  await document.flush().catch((error: unknown) => failures.push({ error }))
  if (hasFailed()) {
    code ||= 1
    io.err.write(await documentText(format, errorDocument(failures, [...said.lines, ...told.lines], code)))
  } else io.err.write((hasDocument ? said.text : '') + told.text)
  await io.err.flush()
  return code
}

/** How many lines of what was said an error document repeats. */
const MAX_LINES = 20

/** Text as JSON lines, `{"message":…}` each, as it comes. */
class MessageLines implements Output {
  readonly #output: Output
  readonly last: string[] = []
  #rest = ''

  constructor(output: Output) {
    this.#output = output
  }

  get closed(): boolean {
    return this.#output.closed
  }

  write(data: string | Buffer): void {
    const lines = `${this.#rest}${data}`.split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.#tell(line)
  }

  #tell(line: string): void {
    if (line.trim() === '') return
    this.#output.write(`${JSON.stringify({ message: line })}\n`)
    this.last.push(line)
    if (this.last.length > MAX_LINES) this.last.shift()
  }

  /** Says what has no line break yet. */
  end(): void {
    this.#tell(this.#rest)
    this.#rest = ''
  }

  drain(): Promise<void> {
    return this.#output.drain()
  }

  flush(): Promise<void> {
    return this.#output.flush()
  }
}

/**
 * Runs a command that prints records as they come, an object a line: standard error is JSON lines too, a `message` for each line of
 * text, and as the last one the error document when the command fails.
 * @returns the exit code, Kafka's
 */
export const runRecordStream = async (module: CommandModule, args: readonly string[], io: Io): Promise<number> => {
  const failures: Failure[] = []
  const err = new MessageLines(io.err)
  const failed: NonNullable<Io['failed']> = (error, thing) => failures.push({ error, thing })
  let code: number
  try {
    code = await module.run(args, { ...io, err, failed })
  } catch (error) {
    code = error instanceof CommandExit ? error.code : 1
    if (failures.length === 0) failures.push({ error })
  }
  await io.out.flush().catch((error: unknown) => {
    failures.push({ error })
    code ||= 1
  })
  err.end()
  if (code !== 0) io.err.write(`${JSON.stringify(errorDocument(failures, err.last, code))}\n`)
  await io.err.flush()
  return code
}
