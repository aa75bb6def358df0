/** How a list's demand is worked out. Each list may set its own in restock.yaml. */
export interface DemandRules {
  /** How far back use is learned from. */
  readonly windowDays: number
  /** How often somebody sees to ordering; `reorder: auto` orders enough for that long on top of the reorder point. */
  readonly reviewDays: number
  /** How often a lead time should end without running out. */
  readonly serviceLevel: number
  /** From order to delivery, where nothing is stated and nothing was delivered yet. */
  readonly leadTimeDays: number
  /** A count of 0 so soon after a delivery is doubted. */
  readonly doubtZeroDays: number
  /** A use or a count off by more than so many days of mean use is doubted. */
  readonly doubtTimes: number
  /**
   * Items at most so many percent above their reorder point may be bought along, where that makes an order cheaper; null:
   * only what is due is bought.
   */
  readonly topUpPercent: number | null
}

export const defaultDemandRules: DemandRules = {
  windowDays: 56,
  reviewDays: 14,
  serviceLevel: 0.95,
  leadTimeDays: 7,
  doubtZeroDays: 1,
  doubtTimes: 20,
  topUpPercent: null,
}

export function demandRules(set: Partial<DemandRules>): DemandRules {
  return { ...defaultDemandRules, ...set }
}
