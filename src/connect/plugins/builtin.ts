import type { Plugin } from '../api/plugin.ts'
import { converterPlugins } from '../converters/plugins.ts'
import { fileSinkPlugin } from '../file/sink.ts'
import { fileSourcePlugin } from '../file/source.ts'
import { predicatePlugins } from '../predicates/plugins.ts'
import { transformationPlugins } from '../transforms/plugins.ts'

/** The plugins of Kafka that kt has. */
export const builtinPlugins: readonly Plugin[] = [
  fileSourcePlugin,
  fileSinkPlugin,
  ...converterPlugins,
  ...transformationPlugins,
  ...predicatePlugins,
]
