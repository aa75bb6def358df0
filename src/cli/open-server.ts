import type { Config } from '../config/config.js'
import type { Logger } from '../platform/context.js'
import { openEmbeddedPostgres } from '../platform/embedded-postgres/embedded-postgres.js'

/** The database server alone: nothing of what is in it is looked at or changed. */
export interface OpenServer {
  readonly databaseUrl: string
  /** As its superuser; null: it is not ours. */
  readonly adminUrl: string | null
  /** The role that our database belongs to; null: whoever creates it. */
  readonly owner: string | null
  close(): Promise<void>
}

/** Starts or joins the embedded server of the data folder; with DATABASE_URL there is nothing to do. */
export async function openServer(config: Config, log: Logger): Promise<OpenServer> {
  if (config.databaseUrl !== null) {
    return { databaseUrl: config.databaseUrl, adminUrl: null, owner: null, close: async () => undefined }
  }
  const postgres = await openEmbeddedPostgres({ dataDir: config.dataDir, log })
  const { databaseUrl, adminUrl } = postgres
  return { databaseUrl, adminUrl, owner: new URL(databaseUrl).username, close: () => postgres.release() }
}

/** Every PostgreSQL has this one, which is nobody's. */
export function adminUrlFor(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.pathname = '/postgres'
  return url.href
}
