/** What the commands need of log directories, which may not reach into the broker themselves. */

/** Loads the formatter. */
export const loadFormat = () => import('../broker/controller/format.ts')

/** Loads what tells whether a broker uses a log directory. */
export const loadLocks = () => import('../broker/lock-file.ts')

/** Loads what is known of releases and features. */
export const loadMetadataVersions = () => import('../broker/controller/metadata-versions.ts')

/** Loads what reads the records of the metadata log. */
export const loadMetadataRecords = () => import('../broker/controller/metadata-record.ts')
