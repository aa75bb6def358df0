/** What holds the promises up, one beam at a time: taken away, a suite must notice. */
export interface Mutation {
  /** What is taken away. */
  readonly name: string
  readonly file: string
  /** Stands in the file exactly once; where it no longer does, the mutation must be written anew. */
  readonly find: string
  readonly replace: string
  /** Test files that must fail. */
  readonly suites: readonly string[]
}

const placing = 'test/integration/place-order.test.ts'
const locks = 'test/integration/placing-locks.test.ts'
const races = 'test/integration/limit-races.test.ts'
const resuming = 'test/integration/agent-resume.test.ts'
const listSync = 'test/integration/stock-orders.test.ts'
const ledger = 'test/integration/runs-ledger.test.ts'
const adversary = 'test/adversary/any-tool.test.ts'

export const mutations: readonly Mutation[] = [
  {
    name: 'the commitment lock',
    file: 'src/purchasing/placing/place-order.ts',
    find: '  await lockCommitments(tx, quote.list, itemIds)\n',
    replace: '',
    suites: [locks],
  },
  {
    name: 'the commitment lock’s hold until the commit',
    file: 'src/purchasing/needs/need-facts.ts',
    find: `    .orderBy('item_id')\n    .forUpdate()\n`,
    replace: `    .orderBy('item_id')\n`,
    suites: [locks],
  },
  {
    name: 'the need that is checked when an order is placed',
    file: 'src/purchasing/needs/judge-needs.ts',
    find: 'const refusal = checkNeed(ofItem)',
    replace: 'const refusal = checkNeed(ofItem) && null',
    suites: [placing],
  },
  {
    name: 'the fence of ordering',
    file: 'src/purchasing/fences.ts',
    find: '  if (fence.epoch !== caller.epoch) throw fenced()\n',
    replace: '',
    suites: [placing],
  },
  {
    name: 'the fence’s hold until the commit',
    file: 'src/purchasing/fences.ts',
    find: `    .forShare()\n`,
    replace: '',
    suites: [locks],
  },
  {
    name: 'the fence of the list',
    file: 'src/stock/fences.ts',
    find: `  if (fence.epoch !== caller.epoch) {
    throw fenced('Another worker has taken over this run; nothing was changed. Stop here.')
  }
`,
    replace: '',
    suites: [listSync],
  },
  {
    name: 'the reservation lock',
    file: 'src/purchasing/limits/list-limits.ts',
    find: `    .where('list', '=', facts.list)\n    .forUpdate()\n`,
    replace: `    .where('list', '=', facts.list)\n`,
    suites: [races],
  },
  {
    name: 'the release of what an ended order held',
    file: 'src/purchasing/orders/move-order.ts',
    find: `  if (effect === 'release') await releaseBudget(tx, order.id)\n`,
    replace: '',
    suites: ['test/integration/approvals.test.ts'],
  },
  {
    name: 'the quote’s single use',
    file: 'src/purchasing/placing/place-order.ts',
    find: '    if (quote.placed_at !== null) return replay(quote, fingerprint)\n',
    replace: '',
    suites: [placing],
  },
  {
    name: 'the quote’s lock',
    file: 'src/purchasing/quotes/lock-quote.ts',
    find: `    .where('id', '=', quoteId)\n    .forUpdate()\n`,
    replace: `    .where('id', '=', quoteId)\n`,
    suites: [placing],
  },
  {
    name: 'the event id’s uniqueness',
    file: 'src/stock/apply-order-events.ts',
    find: 'return claimed.flatMap(({ event_id }) => byId.get(event_id) ?? [])',
    replace: 'return [...byId.values(), ...claimed.slice(0, 0).map(() => [...byId.values()][0] as OrderEvent)]',
    suites: [listSync],
  },
  {
    name: 'the delivery id’s uniqueness',
    file: 'src/purchasing/orders/record-deliveries.ts',
    find: 'return deliveries.filter((delivery) => inserted.has(delivery.id))',
    replace: 'return deliveries.filter((delivery) => inserted.has(delivery.id) || delivery.id !== "")',
    suites: ['test/integration/order-life.test.ts'],
  },
  {
    name: 'the numbering of events in the order of commits',
    file: 'src/purchasing/orders/order-events.ts',
    find: '  await sql`select pg_advisory_xact_lock(${outboxLock})`.execute(tx.db)\n',
    replace: '',
    suites: [locks],
  },
  {
    name: 'the journal’s intent before a write',
    file: 'src/agent/record-tool.ts',
    find: '(traits.isWrite ? recorder.aroundWrite(placed, send) : recorder.around(placed, send))',
    replace: 'recorder.around(placed, send)',
    suites: [resuming],
  },
  {
    name: 'the journal’s answers',
    file: 'src/agent/leg-journal.ts',
    find: '    if (entry === undefined) return null\n',
    replace: '    if (entry === undefined || this.#passed >= 0) return null\n',
    suites: [resuming],
  },
  {
    name: 'the lease that keeps a second worker off',
    file: 'src/runs/claim-run.ts',
    find: `eb.and([eb('status', '=', 'running'), eb('lease_until', '<=', sql<Date>\`clock_timestamp()\`)])`,
    replace: `eb('status', '=', 'running')`,
    suites: [ledger],
  },
  {
    name: 'one run at work on a list',
    file: 'src/runs/migrations/001-runs.ts',
    find: 'create unique index runs_one_at_work',
    replace: 'create index runs_one_at_work',
    suites: [ledger],
  },
  {
    name: 'the signature of a run’s context',
    file: 'src/platform/run-context.ts',
    find: `  if (!isSignatureValid(secret, purpose, signedText(unsigned), signature)) return 'invalid'\n`,
    replace: '',
    suites: ['test/unit/run-context.test.ts'],
  },
  {
    name: 'the signature of a receipt',
    file: 'src/platform/receipt.ts',
    find: '  if (!isSignatureValid(secret, purpose, body, signature)) return null\n',
    replace: '',
    suites: [listSync],
  },

  // The adversary knows of none of them. Which of them it finds depends on what it happens to play; the tables find each.
  {
    name: 'the need that is checked, for the adversary or the tables',
    file: 'src/purchasing/needs/judge-needs.ts',
    find: 'const refusal = checkNeed(ofItem)',
    replace: 'const refusal = checkNeed(ofItem) && null',
    suites: [adversary, placing],
  },
  {
    name: 'the budgets, for the adversary or the tables',
    file: 'src/purchasing/limits/limits.ts',
    find: 'if (limitMinor === null || spentMinor + order.totalMinor <= limitMinor) continue',
    replace: 'if (limitMinor === null || order.totalMinor <= limitMinor) continue',
    suites: [adversary, races],
  },
  {
    name: 'whose quote it is, for the adversary or the tables',
    file: 'src/purchasing/quotes/lock-quote.ts',
    find: '  if (!isOwn) {',
    replace: `  if (!isOwn && quoteId === '') {`,
    suites: [adversary, placing],
  },
  {
    name: 'the worker’s own tools, for the adversary or the tables',
    file: 'servers/mcp-server.ts',
    find: `(caller.kind !== 'run' || caller.actor === 'agent')`,
    replace: `caller.kind !== 'run'`,
    suites: [adversary, 'test/integration/ordering-tools.test.ts'],
  },
]
