import type { ConverterPlugin, HeaderConverterPlugin } from '../api/plugin.ts'
import { booleanConverters } from './boolean.ts'
import { byteArrayConverters } from './byte-array.ts'
import { jsonConverters } from './json.ts'
import { numberConverters } from './number.ts'
import { simpleHeaderConverter } from './simple-header.ts'
import { stringConverters } from './string.ts'

/** Kafka's own converters. */
export const converterPlugins: readonly (ConverterPlugin | HeaderConverterPlugin)[] = [
  ...byteArrayConverters,
  ...booleanConverters,
  ...jsonConverters,
  ...numberConverters,
  ...stringConverters,
  simpleHeaderConverter,
]
