import type { TransformationPlugin } from '../api/plugin.ts'
import { castTransformations } from './cast.ts'
import { extractFieldTransformations } from './extract-field.ts'
import { filterTransformation } from './filter.ts'
import { flattenTransformations } from './flatten.ts'
import { headerFromTransformations } from './header-from.ts'
import { dropHeadersTransformation, insertHeaderTransformation } from './headers.ts'
import { hoistFieldTransformations } from './hoist-field.ts'
import { insertFieldTransformations } from './insert-field.ts'
import { maskFieldTransformations } from './mask-field.ts'
import { replaceFieldTransformations } from './replace-field.ts'
import { regexRouterTransformation, timestampRouterTransformation } from './routers.ts'
import { setSchemaMetadataTransformations } from './set-schema-metadata.ts'
import { timestampConverterTransformations } from './timestamp-converter.ts'
import { valueToKeyTransformation } from './value-to-key.ts'

/** Kafka's own transformations. */
export const transformationPlugins: readonly TransformationPlugin[] = [
  ...castTransformations,
  dropHeadersTransformation,
  ...extractFieldTransformations,
  filterTransformation,
  ...flattenTransformations,
  ...headerFromTransformations,
  ...hoistFieldTransformations,
  ...insertFieldTransformations,
  insertHeaderTransformation,
  ...maskFieldTransformations,
  regexRouterTransformation,
  ...replaceFieldTransformations,
  ...setSchemaMetadataTransformations,
  ...timestampConverterTransformations,
  timestampRouterTransformation,
  valueToKeyTransformation,
]
