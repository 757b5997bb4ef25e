/** Formatting for the commands, which may not reach into the broker themselves. */

/** Loads the formatter. */
export const loadFormat = () => import('../broker/controller/format.ts')

/** Loads what is known of releases and features. */
export const loadMetadataVersions = () => import('../broker/controller/metadata-versions.ts')

/** Loads what reads the records of the metadata log. */
export const loadMetadataRecords = () => import('../broker/controller/metadata-record.ts')
