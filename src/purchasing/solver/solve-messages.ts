/** What the solving thread and its owner say to each other. */
import type { DescribedPlan } from './assemble-plan.js'
import type { Instance } from './instance.js'

export interface SolveRequest {
  readonly instance: Omit<Instance, 'offers'>
  /** By `packOffers`. */
  readonly offers: Float64Array<ArrayBuffer>
  readonly timeLimitMs: number
}

export type SolveReply =
  /** A better plan, or more known about the last. */
  | { readonly kind: 'found'; readonly plan: DescribedPlan }
  | { readonly kind: 'done'; readonly plan: DescribedPlan; readonly memoryBytes: number }
  | { readonly kind: 'failed'; readonly message: string }
