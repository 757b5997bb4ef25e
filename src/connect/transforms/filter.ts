/** Drops every record it is asked about; meant to be used with a predicate (org.apache.kafka.connect.transforms.Filter). */
import { oneTransformation } from './side.ts'

export const filterTransformation = oneTransformation('Filter', [], () => ({ configure() {}, apply: () => null }))
