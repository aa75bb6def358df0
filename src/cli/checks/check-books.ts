import { describeFinding, findViolations } from '../../invariants/find-violations.js'
import { invariants } from '../../invariants/index.js'
import { countUnappliedEvents } from '../../invariants/sync.js'
import { openDatabase } from '../../platform/database.js'
import { isExpectedError } from '../../platform/errors.js'
import type { App } from '../open-app.js'
import { type Check, ok, problem } from './check.js'

/** Enough to find the trouble by; `--json` says no more, since the first few tell the kind. */
const shown = 3

/** Holds every recorded fact against what Restock promises. Reads whole tables, so it is done only when asked for. */
export async function checkBooks(app: App): Promise<Check[]> {
  const { databaseUrl: url, log } = app
  const database = openDatabase({ url, applicationName: 'restock-doctor', maxConnections: 1, timeoutMs: 'none', log })
  try {
    const violations = await findViolations(database.db)
    if (violations.length === 0) return [ok('books', `all ${invariants.length} invariants hold${await lag(app)}`)]
    const names = [...new Set(violations.map(({ invariant }) => invariant))]
    return names.map((name) => {
      const ofName = violations.filter(({ invariant }) => invariant === name)
      const more = ofName.length > shown ? `; and ${ofName.length - shown} more` : ''
      const found = ofName.slice(0, shown).map(describeFinding).join('; ')
      return problem(`books: ${name}`, `${ofName[0]?.rule ?? ''} Not so: ${found}${more}. ${remedyOf(name)}`)
    })
  } catch (error) {
    const why = isExpectedError(error) ? error.message : `failed: ${error instanceof Error ? error.message : error}`
    return [problem('books', why)]
  } finally {
    await database.close()
  }
}

function remedyOf(name: string): string {
  if (name === 'run_not_stuck')
    return 'Start a worker (restock up or restock worker): it takes over where the last one stopped.'
  return 'That must never happen: stop buying until it is understood (restock limits set --all paused true), and report it.'
}

async function lag(app: App): Promise<string> {
  const events = await countUnappliedEvents(app.ctx.db)
  if (events === 0) return ''
  return `; ${events} order ${events === 1 ? 'event has' : 'events have'} yet to reach the lists, the next sync brings them`
}
