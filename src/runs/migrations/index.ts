import type { Migration } from 'kysely'
import * as runs from './001-runs.js'
import * as access from './002-access.js'

/** In order, forward only: a migration that has been released is never changed. */
export const restockMigrations: Readonly<Record<string, Migration>> = {
  '001-runs': runs,
  '002-access': access,
}
