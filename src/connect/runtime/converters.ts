import type { Props } from '../api/config.ts'
import type { Converter, HeaderConverter } from '../api/plugin.ts'
import type { WorkerConfig } from '../config/worker-config.ts'
import { withPrefix } from '../config/worker-config.ts'
import { ConnectError } from '../data/errors.ts'
import type { Plugins } from '../plugins/registry.ts'

/** A task's converters and the classes they are of. */
export interface Converters {
  readonly key: Converter
  readonly value: Converter
  readonly header: HeaderConverter
  readonly classes: { readonly key: string; readonly value: string; readonly header: string }
}

/** The connector's own class and configs when it names one, else the worker's. */
const chosen = (worker: WorkerConfig, connector: Props, name: string): { className: string; props: Props } => {
  const own = connector[name]
  return own === undefined
    ? { className: worker.string(name), props: withPrefix(worker.props, `${name}.`) }
    : { className: own, props: withPrefix(connector, `${name}.`) }
}

/** @throws ConnectError for a class that isn't there */
export const makeConverters = (plugins: Plugins, worker: WorkerConfig, connector: Props): Converters => {
  const find = (name: 'key.converter' | 'value.converter') => {
    const { className, props } = chosen(worker, connector, name)
    const plugin = plugins.find(className, 'converter')
    if (plugin === undefined) throw new ConnectError(`${name}: Class ${className} could not be found.`)
    const converter = plugin.make()
    converter.configure(props, name === 'key.converter')
    return { converter, className: plugin.className }
  }
  const [key, value] = [find('key.converter'), find('value.converter')]
  const { className, props } = chosen(worker, connector, 'header.converter')
  const plugin = plugins.find(className, 'header_converter')
  if (plugin === undefined) throw new ConnectError(`header.converter: Class ${className} could not be found.`)
  const header = plugin.make()
  header.configure(props)
  return {
    key: key.converter,
    value: value.converter,
    header,
    classes: { key: key.className, value: value.className, header: plugin.className },
  }
}
