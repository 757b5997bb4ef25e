import type { OptionSet } from '../../cli/joptsimple.ts'
import { type CommandSpec, type OptionSpec, option } from '../../cli/option-spec.ts'
import { usageExit } from '../../cli/usage.ts'
import type { Formatter } from './formatter.ts'

const tokens =
  "A template in kcat's manner, without a line break of its own: %t topic, %p partition, %o offset, %k key, %s value, %K and %S " +
  'their lengths (-1 for null), %T timestamp, %h headers, %%; \\n \\t \\r \\xNN; and %{timestamp:iso}, %{key:json}, ' +
  '%{value:base64}, %{value:hex}, %{headers:json}, %{header:NAME}, %{timestampType}, %{leaderEpoch}, %{deliveryCount}, %{json}.'

/** kt's own ways to print records. */
export const formatOptions: readonly OptionSpec[] = [
  option('f', 'String', 'template', 'As --format.', { own: true }),
  option('format', 'String', 'template', tokens, { own: true }),
  option(
    'output',
    'String',
    'json|lines',
    'json: one JSON object a line that holds all of the record, for programs and for console-producer --input json; bytes that ' +
      'are no UTF-8 are {"base64":"…"}. lines: what --formatter prints.',
    { own: true, completion: ['json', 'lines'] },
  ),
]

const chosen = ['f', 'format', 'output'] as const
/** What only Kafka's formatters look at. */
const formatterOptions = [
  'formatter',
  'formatter-property',
  'formatter-config',
  'property',
  'key-deserializer',
  'value-deserializer',
]

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`)

const forbid = (spec: CommandSpec, options: OptionSet, a: string, others: readonly string[]): void => {
  for (const other of others) {
    if (options.has(other)) usageExit(spec, `Options ${dashed(a)} and ${dashed(other)} cannot be specified together.`)
  }
}

/**
 * The formatter that --format or --output ask for.
 * @returns undefined when neither is given, or `--output lines`: then it is up to --formatter
 * @throws CommandExit for options that don't go together, an output kt doesn't have, or a template it can't read
 */
export const ownFormatter = async (spec: CommandSpec, options: OptionSet): Promise<Formatter | undefined> => {
  const given = chosen.filter((name) => options.has(name))
  const [name, another] = given
  if (name === undefined) return undefined
  if (another !== undefined) forbid(spec, options, name, [another])
  const text = options.text(name) ?? ''
  if (name === 'output' && text === 'lines') return undefined
  forbid(spec, options, name, formatterOptions)
  // Other tools say `--format json`; as a template it would print one and the same word for every record.
  if (text === 'json') return new (await import('./json-formatter.ts')).JsonFormatter()
  if (name === 'output')
    return usageExit(spec, `--output is json or lines, not '${text}': records are printed as they come.`)
  const { TemplateFormatter } = await import('./template-formatter.ts')
  try {
    return new TemplateFormatter(text)
  } catch (error) {
    return usageExit(spec, `${dashed(name)}: ${(error as Error).message}`)
  }
}
