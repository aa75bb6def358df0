import type { z } from 'zod'

/** What a job is, without what it does: that is the processor of the same name. */
export interface JobDefinition<Name extends string = string, Payload extends z.ZodObject = z.ZodObject> {
  readonly name: Name
  readonly payload: Payload
  /** How often it is started in all before it counts as failed. */
  readonly attempts: number
  /** Wait before the second attempt; doubled for each one after it. */
  readonly backoffMs: number
  /** How long finished and failed jobs stay visible in the queue, in seconds and number. */
  readonly keepCompleted: { readonly age: number; readonly count: number }
  readonly keepFailed: { readonly age: number; readonly count: number }
}

export const day = 24 * 60 * 60

export function defineJob<Name extends string, Payload extends z.ZodObject>(
  definition: JobDefinition<Name, Payload>,
): JobDefinition<Name, Payload> {
  return definition
}
