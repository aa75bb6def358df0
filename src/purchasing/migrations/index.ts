import type { Migration } from 'kysely'
import * as purchasing from './001-purchasing.js'

/** In order, forward only: a migration that has been released is never changed. */
export const purchasingMigrations: Readonly<Record<string, Migration>> = {
  '001-purchasing': purchasing,
}
