import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { DomainContext } from '../src/platform/context.js'
import { MAX_QUANTITY } from '../src/platform/decimal.js'
import { InputError, type Message } from '../src/platform/errors.js'
import type { Caller } from '../src/platform/run-context.js'

/** The context a tool works in: the domain's, and who is calling. */
export interface ToolContext extends DomainContext {
  readonly caller: Caller
}

export type Audience = 'agent' | 'person' | 'worker'

export interface ToolDefinition<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** For the model: what it does, when to use it, what its side effects are. */
  readonly description: string
  /** `worker` tools answer only to a signed run context; `agent` and `person` tools to anyone, each with its own rules. */
  readonly audience: Audience
  readonly input: Input
  readonly output: Output
  readonly annotations: Required<Omit<ToolAnnotations, 'title'>>
  /** A write that a dry run may call all the same: it then answers what would become of it, and writes nothing. */
  readonly rehearses?: true
  readonly handle: (ctx: ToolContext, input: z.infer<Input>) => Promise<z.infer<Output>>
}

/** Types a tool by its schemas, then forgets them so that tools of all shapes fit one table of contents. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): AnyTool {
  return {
    ...definition,
    handle: (ctx, input) => definition.handle(ctx, parsed(definition.input, input)),
  }
}

/** The protocol has checked the input already; what can't be stored was taken out of it since, and may leave too little. */
function parsed<Input extends z.ZodObject>(schema: Input, input: unknown): z.infer<Input> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InputError(`${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'is not as it must be'}`)
}

export interface AnyTool extends Omit<ToolDefinition, 'handle'> {
  readonly handle: (ctx: ToolContext, input: unknown) => Promise<object>
}

export const messageSchema = z.object({
  code: z.string(),
  severity: z.enum(['recoverable', 'needs_human', 'final']),
  text: z.string(),
  path: z.string().optional(),
})

export const messagesSchema = z.array(messageSchema)

/** Annotations of a tool that only reads. */
export const readsOnly = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

/** Annotations of a write that can be repeated without harm. */
export const writesOnce = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

/** An id as it comes from a model or a person: trimmed, never long enough to hurt. */
export const idSchema = z.string().trim().min(1).max(64)

/** A number as it comes from a model: a number, or plain decimal digits in quotes. Nothing else counts as one. */
export const decimalSchema = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^\d+(\.\d+)?$/, 'Not a number: write one such as 2.5'),
  ])
  .transform(Number)

/** Above 0, with the most that quantities may be anywhere. */
export const quantitySchema = decimalSchema.pipe(z.number().positive().max(MAX_QUANTITY))

export function noMessages(): Message[] {
  return []
}
