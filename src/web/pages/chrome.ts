import { sql } from 'kysely'
import type { DomainContext } from '../../platform/context.js'
import { findGlobalPause } from '../../purchasing/limits/pause.js'
import { countWorkers } from '../../runs/workers.js'

/** What every page says in its frame. */
export interface Chrome {
  /** Orders that wait for a person's approval. */
  readonly waiting: number
  /** Who stopped buying for every list; null: nobody did. */
  readonly pausedBy: string | null
  /** Somebody takes runs and sends orders. */
  readonly isWorked: boolean
  /** Somebody has come in with a password, and may want to leave. */
  readonly isLoggedIn: boolean
}

export async function readChrome(ctx: DomainContext): Promise<Omit<Chrome, 'isLoggedIn'>> {
  const [waiting, pause, workers] = await Promise.all([
    ctx.db
      .selectFrom('purchasing.orders')
      .select(sql<number>`count(*)`.as('count'))
      .where('status', '=', 'awaiting_approval')
      .executeTakeFirstOrThrow(),
    findGlobalPause(ctx),
    countWorkers(ctx),
  ])
  return { waiting: waiting.count, pausedBy: pause?.by ?? null, isWorked: workers > 0 }
}
