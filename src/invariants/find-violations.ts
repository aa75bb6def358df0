import { type Kysely, sql } from 'kysely'
import type { Database } from '../platform/database.js'
import { invariants } from './index.js'
import type { CheckOptions, Finding, Violation } from './invariant.js'

/** A worker that died is found by the next beat; an hour later somebody should have. */
const defaults: CheckOptions = { stuckAfterMs: 3_600_000 }

/** More of one kind say nothing new. */
const mostFindings = 50

/** Everything in the database that breaks an invariant, read on one snapshot, so that work in flight looks whole or not at all. */
export async function findViolations(
  db: Kysely<Database>,
  options: Partial<CheckOptions> = {},
): Promise<readonly Violation[]> {
  const { stuckAfterMs } = { ...defaults, ...options }
  const check = async (tx: Kysely<Database>) => {
    const violations: Violation[] = []
    for (const invariant of invariants) {
      const { rows } = await sql<Finding>`select subject, detail from (${invariant.find({ stuckAfterMs })}) finding
        order by subject limit ${mostFindings}`.execute(tx)
      violations.push(...rows.map((row) => ({ invariant: invariant.name, rule: invariant.rule, ...row })))
    }
    return violations
  }
  if (db.isTransaction) return check(db)
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(check)
}

/** Throws an error that lists every violation. */
export async function assertInvariants(db: Kysely<Database>, options: Partial<CheckOptions> = {}): Promise<void> {
  const violations = await findViolations(db, options)
  if (violations.length > 0) throw new Error(describeViolations(violations))
}

/** One rule a paragraph, with what breaks it. */
export function describeViolations(violations: readonly Violation[]): string {
  const names = [...new Set(violations.map(({ invariant }) => invariant))]
  const paragraphs = names.map((name) => {
    const ofName = violations.filter(({ invariant }) => invariant === name)
    return [`${name}: ${ofName[0]?.rule ?? ''}`, ...ofName.map((finding) => `  ${describeFinding(finding)}`)]
  })
  return [`${names.length} of ${invariants.length} invariants are broken`, ...paragraphs.flat()].join('\n')
}

export function describeFinding({ subject, detail }: Finding): string {
  return `${subject}: ${detail}`
}
