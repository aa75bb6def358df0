import type { ColumnType, Generated } from 'kysely'
import type { Scope } from './scopes.js'

/** jsonb or json: read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>

/** Keys for programs that use the API. What is kept of one can't be used as one. */
export interface ApiTokensTable {
  id: string
  /** Unique among those that aren't revoked. */
  name: string
  /** SHA-256 in hex: a token is 32 random bytes, which nobody guesses from it. */
  token_hash: string
  scopes: Scope[]
  created_by: string
  created_at: Date
  /** null: it lasts until it is revoked. */
  expires_at: Date | null
  /** To the minute; null: never. */
  last_used_at: Date | null
  revoked_at: Date | null
}

/** People who are logged in, one row a browser. */
export interface SessionsTable {
  /** SHA-256 in hex of what the cookie holds. */
  id_hash: string
  /** How records name the session; no secret. */
  public_id: string
  /** Tells which password it was opened with: another password ends it. */
  password_tag: string
  address: string
  created_at: Date
  /** To the minute. */
  seen_at: Date
  /** However much it is used. */
  expires_at: Date
}

/** Which writes were made under which key, and what was answered. */
export interface IdempotencyKeysTable {
  /** Whose key it is: keys of two callers never meet. */
  principal: string
  key: string
  /** Of the request; the same key for another request is refused. */
  fingerprint: string
  /** Who makes the write in transactions of its own must be done by then, or it may be made again; null: it is answered. */
  claimed_until: Date | null
  status: number | null
  body: Json<unknown> | null
  created_at: Date
}

/** Who changed what, and what became of it. Rows are added and never changed. */
export interface AuditTable {
  id: Generated<number>
  at: Date
  actor_kind: 'local' | 'session' | 'token' | 'cli' | 'agent'
  /** Name of the token, public id of the session, name of the person at the command line. */
  actor: string
  action: string
  /** What it was done to; null: nothing in particular. */
  subject: string | null
  result: 'done' | 'refused' | 'failed'
  /** Of the answer over HTTP; null: it wasn't asked for that way. */
  status: number | null
  details: Json<unknown>
}

export interface AccessTables {
  'restock.api_tokens': ApiTokensTable
  'restock.sessions': SessionsTable
  'restock.idempotency_keys': IdempotencyKeysTable
  'restock.audit': AuditTable
}
