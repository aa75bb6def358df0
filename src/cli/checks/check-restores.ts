import { findUnfinished } from '../../platform/backup/swap-database.js'
import type { App } from '../open-app.js'
import { type Check, problem } from './check.js'

/** What a restore that was cut off has left; nothing to say when there is nothing. */
export async function checkRestores(app: App): Promise<readonly Check[]> {
  const unfinished = await findUnfinished(app.database.pool)
  if (unfinished.length === 0) return []
  return [
    problem(
      'restore',
      `one was cut off before its end, and what was here before is unchanged and in force: restore again, or delete what was left (${unfinished.join(', ')}) with: restock restore --discard-replaced`,
    ),
  ]
}
