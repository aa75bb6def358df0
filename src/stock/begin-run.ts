import type { DomainContext } from '../platform/context.js'
import { raiseFence } from './fences.js'
import type { ItemView } from './item-view.js'
import { readItemViews } from './list-items.js'
import { requireList } from './lists.js'

export interface RunStart {
  readonly list: string
  readonly currency: string
  readonly timeZone: string
  readonly asOf: Date
  /** Everything due, those included that are due and can't be ordered (`need` 0; `attention` says why). */
  readonly items: readonly ItemView[]
  /** What isn't due, but may be bought along. */
  readonly topUps: readonly ItemView[]
}

/** Hands the list to this claim of a run: older claims can write nothing more, and this one learns what is due. */
export async function beginRun(
  ctx: DomainContext,
  input: { readonly run: string; readonly list: string; readonly epoch: number },
): Promise<RunStart> {
  const list = await requireList(ctx, input.list)
  await raiseFence(ctx, input.run, input.epoch)
  const caller = { kind: 'run' as const, ...input, dryRun: false }
  const items = await readItemViews(ctx, list, { caller })
  return {
    list: list.id,
    currency: list.currency,
    timeZone: list.timeZone,
    asOf: ctx.clock.now(),
    items: items.filter((item) => item.due),
    topUps: items.filter((item) => item.topUp > 0),
  }
}
