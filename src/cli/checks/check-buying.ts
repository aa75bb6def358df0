import { findGlobalPause, findPausedLists } from '../../purchasing/limits/pause.js'
import { findStrayLimits } from '../../purchasing/limits/stray-limits.js'
import type { App } from '../open-app.js'
import { zonedTime } from '../terminal/local-time.js'
import { type Check, checking, ok, problem } from './check.js'

/** Limits that hold nobody back, since the supplier they name isn't there. */
export function checkLimits(app: App): Promise<Check> {
  return checking('limits', async () => {
    const stray = await findStrayLimits(app.ctx)
    if (stray.length === 0) return ok('limits', 'every supplier they name is there')
    const named = stray.map(({ list, kind, supplierId, meant }) => {
      const hint = meant === undefined ? '' : `, perhaps ${meant}`
      return `${kind} of ${list} names ${supplierId}${hint}`
    })
    return problem('limits', `there are no such suppliers: ${named.join('; ')}; import them or correct the limits`)
  })
}

/** Whether a person has stopped buying. That is no fault, but it is why nothing comes. */
export function checkBuying(app: App): Promise<Check> {
  return checking('buying', async () => {
    const pause = await findGlobalPause(app.ctx)
    if (pause !== null) {
      const since = `by ${pause.by} since ${zonedTime(pause.since)}`
      return ok(
        'buying',
        `PAUSED for every list, ${since}: nothing is ordered, approved or sent; resume with: restock limits set --all paused false`,
      )
    }
    const lists = await findPausedLists(app.ctx)
    if (lists.length === 0) return ok('buying', 'not paused')
    return ok(
      'buying',
      `PAUSED for ${lists.join(', ')}: nothing is ordered, approved or sent there; resume with: restock limits set --list ${lists[0]} paused false`,
    )
  })
}
