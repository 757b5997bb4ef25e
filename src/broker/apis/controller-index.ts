/** The APIs of the controller's listener: those of the broker's that the controller has too, and its own. */
import type { AnyApi } from '../define-api.ts'
import { fetchMetadataLog } from './01-fetch-metadata-log.ts'
import { fetchSnapshot } from './59-fetch-snapshot.ts'
import { describeControllers } from './60-describe-controllers.ts'
import { APIS } from './index.ts'

/** Keys of APIs that Kafka's controllers answer as its brokers do (`listeners` in the schemas). */
const SHARED: ReadonlySet<number> = new Set([
  17, 18, 19, 20, 29, 30, 31, 32, 33, 36, 37, 38, 39, 40, 41, 43, 44, 45, 46, 49, 50, 51, 55, 57, 64, 80, 81,
])

export const CONTROLLER_APIS: readonly AnyApi[] = [
  ...APIS.filter(({ request }) => SHARED.has(request.apiKey)),
  fetchMetadataLog,
  fetchSnapshot,
  describeControllers,
]
