import type { PostgresBinaries } from './binaries.js'
import type { ClusterPlace } from './cluster-place.js'
import type { ClusterRecord } from './cluster-record.js'

export interface EmbeddedPostgresLogger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
}

/** Everything that the steps of starting and stopping need to know of one cluster. */
export interface Cluster extends ClusterPlace {
  readonly dataDir: string
  readonly record: ClusterRecord
  readonly binaries: PostgresBinaries
  readonly log: EmbeddedPostgresLogger
}
