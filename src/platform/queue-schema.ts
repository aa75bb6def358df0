import { runMigrations } from 'bullmq'
import type pg from 'pg'

/** Postgres schema of BullMQ's own tables, when the queue lives in Postgres. */
export const queueSchema = 'bullmq'

/** BullMQ migrates only when told to; its migrations lock and repeat safely by themselves. */
export async function migrateQueueSchema(client: pg.ClientBase): Promise<void> {
  await runMigrations(client, queueSchema)
}
