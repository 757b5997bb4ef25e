import type { Plugin } from '../api/plugin.ts'
import { converterPlugins } from '../converters/plugins.ts'
import { fileSinkPlugin } from '../file/sink.ts'
import { fileSourcePlugin } from '../file/source.ts'

/** The plugins of Kafka that kt has. */
export const builtinPlugins: readonly Plugin[] = [fileSourcePlugin, fileSinkPlugin, ...converterPlugins]
