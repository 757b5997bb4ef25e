import { flag, helpOption, type OptionSpec, option } from '../../../cli/option-spec.ts'
import type { ArgparseOption, ArgparseProgram } from './model.ts'

const completionOf = ({ name }: ArgparseOption) => {
  if (name === 'output') return { completion: ['json', 'yaml', 'table'] }
  return /config|snapshot/.test(name) ? { completion: 'file' as const } : {}
}

/** The options of a program and of its sub-commands, as `kt help`, man page and completion want them. */
export const optionSpecs = (program: ArgparseProgram): OptionSpec[] => {
  const all = [...program.options, ...(program.commands ?? []).flatMap(({ options }) => options)]
  const byName = new Map(all.map((one) => [one.name, one]))
  const specs = [...byName.values()].map((one) => {
    const more = one.own ? { own: true } : {}
    if (one.metavar === undefined) return flag(one.name, one.help, more)
    return option(one.name, 'String', one.metavar, one.help, { ...completionOf(one), ...more })
  })
  return [...specs, helpOption]
}
