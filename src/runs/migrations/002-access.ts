import { type Kysely, sql } from 'kysely'

/** Who may come in and what they did; the tables are described in src/access/tables.ts. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table restock.api_tokens (
      id text primary key,
      name text not null,
      token_hash text not null unique,
      scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'run', 'approve', 'admin']),
      created_by text not null,
      created_at timestamptz not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)
  await sql`create unique index api_tokens_name on restock.api_tokens (name) where revoked_at is null`.execute(db)
  await sql`
    create table restock.sessions (
      id_hash text primary key,
      public_id text not null,
      password_tag text not null,
      address text not null,
      created_at timestamptz not null,
      seen_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index sessions_end on restock.sessions (expires_at)`.execute(db)
  // json, not jsonb: an answer that is given again has its keys in the same order.
  await sql`
    create table restock.idempotency_keys (
      principal text not null,
      key text not null,
      fingerprint text not null,
      claimed_until timestamptz,
      status integer,
      body json,
      created_at timestamptz not null,
      primary key (principal, key),
      check ((claimed_until is null) or (status is null))
    )`.execute(db)
  await sql`create index idempotency_keys_age on restock.idempotency_keys (created_at)`.execute(db)
  await sql`
    create table restock.audit (
      id bigint generated always as identity primary key,
      at timestamptz not null,
      actor_kind text not null check (actor_kind in ('local', 'session', 'token', 'cli', 'agent')),
      actor text not null,
      action text not null,
      subject text,
      result text not null check (result in ('done', 'refused', 'failed')),
      status integer,
      details jsonb not null default '{}'
    )`.execute(db)
  await sql`create index audit_of_subject on restock.audit (subject, id desc) where subject is not null`.execute(db)
  await sql`create index audit_age on restock.audit (at)`.execute(db)
  await sql`create index audit_guesses on restock.audit (at) where result = 'refused' and action in ('login', 'useToken')`.execute(
    db,
  )
  await sql`create index audit_of_actor on restock.audit (actor_kind, actor, id desc)`.execute(db)
}
