import { z } from 'zod'
import type { DocumentSpec } from '../shared/document-fields.ts'
import { feature, featureDocuments, release } from '../shared/feature-documents.ts'

const describe = z.strictObject({
  feature,
  supportedMinVersion: z.int(),
  supportedMaxVersion: z.int(),
  finalizedVersion: z.int().describe('What the cluster uses; 0 when it does not use the feature'),
  supportedMinRelease: release,
  supportedMaxRelease: release,
  finalizedRelease: release,
  finalizedEpoch: z.int().nullable().describe('Null when the node does not know'),
})

export const documents: readonly DocumentSpec[] = [
  { name: 'features-describe', command: 'features', action: 'describe', row: describe },
  ...featureDocuments('features'),
]
