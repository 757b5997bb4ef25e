import { CommandExit } from '../../cli/exit.ts'
import { type Io, println } from '../../cli/io.ts'
import { parseOptions } from '../../cli/joptsimple.ts'
import { suggestCommand } from '../../cli/suggest.ts'
import { helpWidth, optionTable } from '../../cli/usage.ts'
import { outputFormat, printStructured } from '../shared/structured.ts'
import { spec } from './options.ts'

export { spec }

const usageLine = 'Usage: kt schema [NAME] [--output json|yaml|table]'

const fail = (message: string, nextStep: string): never => {
  throw new CommandExit(1, `${message}\n${nextStep}\n`, undefined, { isUsage: true, message, nextStep })
}

/** `kt schema` with these arguments; resolves with the exit code. */
export const run = async (args: readonly string[], io: Io): Promise<number> => {
  const options = parseOptions(spec, args)
  if (options.has('help')) {
    io.out.write(`${spec.summary}\n${usageLine}\n\n${optionTable(spec, helpWidth(io.columns))}`)
    return 0
  }
  const [name, ...more] = options.words
  if (more.length > 0) fail('One schema at a time, please.', usageLine)
  const format = outputFormat(options, io)
  const { jsonSchema, namedSchemas } = await import('./documents.ts')
  const schemas = namedSchemas()
  if (name !== undefined) {
    const found = schemas.find((one) => one.name === name)
    if (found === undefined) {
      const names = schemas.map((one) => one.name)
      const guess = suggestCommand(name, names)
      const hint = guess === undefined ? '`kt schema` lists them.' : `Did you mean \`kt schema ${guess}\`?`
      return fail(`There is no schema '${name}'.`, hint)
    }
    const out = io.document ?? io.out
    if (format === 'yaml') out.write((await import('../../cli/yaml.ts')).stringify(jsonSchema(found)))
    else out.write(`${JSON.stringify(jsonSchema(found), null, 2)}\n`)
    return 0
  }
  const rows = schemas.map((one) => ({ schema: one.name, printedBy: one.printedBy }))
  if (format !== undefined) await printStructured(io, format, rows, ['schema', 'printedBy'])
  else {
    const width = Math.max(...rows.map(({ schema }) => schema.length))
    for (const row of rows) println(io.out, `${row.schema.padEnd(width)}  ${row.printedBy}`)
  }
  return 0
}
