import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { silentLogger } from '../../src/platform/context.js'
import { openDatabase } from '../../src/platform/database.js'
import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/embedded-postgres.js'
import { migrateDatabase } from '../../src/platform/migrate.js'
import { startRedis } from './start-redis.js'

declare module 'vitest' {
  interface ProvidedContext {
    adminUrl: string
    templateDatabase: string
    /** null: no redis-server is installed, and the tests that need one are skipped. */
    redisUrl: string | null
  }
}

/** One real Postgres for the whole suite, with a migrated template that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const own = process.env.RESTOCK_TEST_ADMIN_URL === undefined
  const dataDir = own ? join(tmpdir(), `restock-test-${process.pid}`) : undefined
  const postgres =
    dataDir === undefined ? undefined : await openEmbeddedPostgres({ dataDir, ephemeral: true, log: silentLogger })
  const adminUrl = postgres?.adminUrl ?? process.env.RESTOCK_TEST_ADMIN_URL ?? ''
  const template = `restock_template_${process.pid}`

  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  await admin.query(`create database ${template}`)
  const url = new URL(adminUrl)
  url.pathname = `/${template}`
  const database = openDatabase({ url: url.href, applicationName: 'restock-test-template', log: silentLogger })
  try {
    await migrateDatabase(database, { queueOnPostgres: true })
  } finally {
    await database.close()
  }

  project.provide('adminUrl', adminUrl)
  project.provide('templateDatabase', template)
  const redis = await startRedis()
  if (redis === null) console.warn('No redis-server is installed: tests of the queue on Redis are skipped.')
  project.provide('redisUrl', redis?.url ?? null)
  return async () => {
    await admin.query(`drop database if exists ${template} with (force)`)
    await admin.end()
    await redis?.stop()
    await postgres?.release()
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true })
  }
}
