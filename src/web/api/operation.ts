import type { z } from '@hono/zod-openapi'
import type { Principal } from '../../access/principal.js'
import type { Scope } from '../../access/scopes.js'
import type { DomainContext } from '../../platform/context.js'
import type { JobQueue } from '../../platform/queue.js'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** One call of an operation: what was sent, parsed, and who sent it. */
export interface Call<Params, Query, Body> {
  /** Of a write: inside its transaction. */
  readonly ctx: DomainContext
  readonly queue: JobQueue
  readonly principal: Principal
  /** How the record names who makes the change. */
  readonly by: string
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Is done when the transaction is committed, and not at all when it isn't. */
  afterCommit(work: () => Promise<void>): void
}

/** What an operation gives back: dates become text, and fields that the schema doesn't name are left out. */
export type Answered<T> = T extends string
  ? string extends T
    ? string | Date
    : T
  : T extends readonly (infer Element)[]
    ? readonly Answered<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]: Answered<T[Key]> }
      : T

interface Description {
  /** Also the `operationId` of the OpenAPI document and the action in the audit log. */
  readonly id: string
  readonly method: Method
  readonly path: `/${string}`
  readonly scope: Scope
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** 200 unless said otherwise. */
  readonly status?: 200 | 201 | 202
  /**
   * Of a write: it makes transactions of its own instead of being one. Only for what is refused, and not done again, when it
   * has been done already.
   */
  readonly isAlone?: boolean
}

export interface OperationSchemas<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Result extends z.ZodType,
> {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly answer: Result
}

/** An operation with its types forgotten: what is mounted, documented and tested. */
export interface Operation extends Description {
  readonly schemas: OperationSchemas<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>
  /** What was sent is parsed here: nothing that wasn't checked gets further. */
  run(call: Call<unknown, unknown, unknown>): Promise<unknown>
}

type ParsedOr<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise

/** Puts one operation down: its contract as schemas, and what it does. */
export function operation<
  Result extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
>(
  spec: Description &
    OperationSchemas<Params, Query, Body, Result> & {
      readonly work: (
        call: Call<ParsedOr<Params, undefined>, ParsedOr<Query, undefined>, ParsedOr<Body, undefined>>,
      ) => Promise<Answered<z.output<Result>>>
    },
): Operation {
  const { params, query, body, answer, work, ...description } = spec
  return {
    ...description,
    schemas: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body }),
      answer,
    },
    run: async (call) =>
      work({
        ...call,
        params: parse(params, call.params) as ParsedOr<Params, undefined>,
        query: parse(query, call.query) as ParsedOr<Query, undefined>,
        body: parse(body, call.body) as ParsedOr<Body, undefined>,
      }),
  }
}

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema?.parse(value)
}

export function isWrite({ method }: Pick<Operation, 'method'>): boolean {
  return method !== 'get'
}
