import type { LimitSettings } from '../limits/limit-settings.js'

/** What a list's owner lets suppliers change, and how long they may be late. */
export interface AmendmentSettings {
  /** How much dearer an order may get on its own; exact decimal text. */
  readonly tolerancePercent: string
  /** What becomes of a change above the tolerance, and of any substitution. */
  readonly onAmendment: 'ask' | 'cancel' | 'accept'
  /** After the day an order was expected. */
  readonly overdueGraceMs: number
}

const dayMs = 86_400_000

export function amendmentSettings(settings: LimitSettings): AmendmentSettings {
  return {
    tolerancePercent: String(settings.amendment_tolerance_percent ?? '5'),
    onAmendment: settings.on_amendment ?? 'ask',
    overdueGraceMs: (settings.overdue_grace_days ?? 2) * dayMs,
  }
}
