import type { Migration } from 'kysely'
import * as stock from './001-stock.js'

/** In order, forward only: a migration that has been released is never changed. */
export const stockMigrations: Readonly<Record<string, Migration>> = {
  '001-stock': stock,
}
