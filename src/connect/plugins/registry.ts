import type { Plugin } from '../api/plugin.ts'
import { ConnectError } from '../data/errors.ts'

export type PluginType = Plugin['type']
export type PluginOf<T extends PluginType> = Extract<Plugin, { type: T }>

/** What is left out of the name for short, by kind. */
const SUFFIXES: Readonly<Record<PluginType, readonly string[]>> = {
  source: ['Connector'],
  sink: ['Connector'],
  converter: ['Converter'],
  header_converter: ['HeaderConverter', 'Converter'],
  transformation: ['Transformation'],
  predicate: ['Predicate'],
}

/** Order of kinds in lists, as Kafka's REST API has it. */
const TYPE_ORDER: readonly PluginType[] = [
  'sink',
  'source',
  'converter',
  'header_converter',
  'transformation',
  'predicate',
]

/** The names a plugin goes by: its class, the class without package, and that without what it is. */
export const aliasesOf = ({ className, type }: Plugin): string[] => {
  const simple = className.slice(className.lastIndexOf('.') + 1)
  const suffix = SUFFIXES[type].find((end) => simple.endsWith(end) && simple !== end)
  return suffix === undefined ? [simple] : [simple, simple.slice(0, -suffix.length)]
}

/** All plugins of a worker, by kind and name. */
export class Plugins {
  readonly #plugins: readonly Plugin[]

  constructor(plugins: readonly Plugin[]) {
    const rank = ({ type }: Plugin): number => TYPE_ORDER.indexOf(type)
    this.#plugins = [...plugins].sort((a, b) => rank(a) - rank(b) || (a.className < b.className ? -1 : 1))
  }

  get all(): readonly Plugin[] {
    return this.#plugins
  }

  ofType<T extends PluginType>(...types: T[]): PluginOf<T>[] {
    return this.#plugins.filter((plugin): plugin is PluginOf<T> => (types as PluginType[]).includes(plugin.type))
  }

  /** The plugin of one of these kinds with this class name or alias; undefined: none. */
  find<T extends PluginType>(name: string, ...types: T[]): PluginOf<T> | undefined {
    const candidates = this.ofType(...types)
    return (
      candidates.find(({ className }) => className === name) ??
      candidates.find((plugin) => aliasesOf(plugin).includes(name))
    )
  }

  /** @throws ConnectError naming what there is, when there is none of this name */
  connector(name: string): PluginOf<'source' | 'sink'> {
    const found = this.find(name, 'source', 'sink')
    if (found) return found
    const known = this.ofType('source', 'sink').map(({ className }) => className)
    throw new ConnectError(
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${known.join(', ')}`,
    )
  }
}
