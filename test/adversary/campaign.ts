/** Many sequences, in batches: played side by side, then everything in the database is held against the invariants. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { assertInvariants } from '../../src/invariants/find-violations.js'
import type { LimitSettings } from '../../src/purchasing/limits/limit-settings.js'
import { createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { createTestDatabase, type TestDatabase } from '../helpers/test-database.js'
import { openMarket } from './market.js'
import { anySequence, type Sequence } from './moves.js'
import { play, type Tally } from './play.js'
import type { Settings } from './settings.js'
import { clearStages, openStage, type Stage } from './stage.js'

const batchSize = 25

export interface Campaign {
  /** Plays that many sequences; the first that breaks something is made as small as it gets and reported with its seed. */
  run(settings: Settings): Promise<Tally>
  close(): Promise<void>
}

export async function openCampaign(): Promise<Campaign> {
  const database = await createTestDatabase()
  const products = await openMarket(database.ctx)
  const solver = createBasketSolver({ maxThreads: 1 })
  const open = (index: number, { limits }: Sequence) =>
    openStage(database, { key: `s${index}`, products, solver, limits })

  const playOne = async (index: number, sequence: Sequence, tally: Tally): Promise<Stage> => {
    const stage = await open(index, sequence)
    try {
      await play(stage, sequence, tally)
    } finally {
      await stage.close()
    }
    return stage
  }
  const check = async (stages: readonly Stage[]) => {
    await assertInvariants(database.db)
    await assertNeverOverAnyLimit(database, stages)
  }

  return {
    async run({ sequences, seed, shrinkSeconds }) {
      const tally: Tally = new Map()
      for (let first = 0; first < sequences; first += batchSize) {
        const indexes = Array.from({ length: Math.min(batchSize, sequences - first) }, (_, offset) => first + offset)
        const played = await Promise.allSettled(indexes.map((index) => playOne(index, sequenceOf(seed + index), tally)))
        const failed = played.flatMap((result, offset) => (result.status === 'rejected' ? [first + offset] : []))
        const stages = played.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
        const trouble =
          failed.length > 0
            ? null
            : await check(stages).then(
                () => undefined,
                (error: unknown) => error,
              )
        await clearStages(database)
        if (trouble === undefined) continue
        // One of them did it: alone, as the others need not be understood.
        for (const index of failed.length > 0 ? failed : indexes) await explain(seed + index, shrinkSeconds)
        throw new AggregateError(
          [trouble, ...played.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))],
          `sequences ${first} to ${first + indexes.length - 1} of seed ${seed} broke something together that none of them breaks alone`,
        )
      }
      return tally
    },
    close: async () => {
      await solver.close()
      await database.drop()
    },
  }

  /** Throws with the smallest sequence that fails, if this one does on its own. */
  async function explain(seed: number, shrinkSeconds: number): Promise<void> {
    let index = 0
    const property = fc.asyncProperty(fc.noBias(anySequence), async (sequence) => {
      try {
        await check([await playOne(index++, sequence, new Map())])
      } finally {
        await clearStages(database)
      }
    })
    const details = await fc.check(property, {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: shrinkSeconds * 1_000,
      markInterruptAsFailure: false,
    })
    if (!details.failed) return
    const cause = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance)
    throw new Error(
      `ADVERSARY_SEED=${seed} ADVERSARY_SEQUENCES=1 repeats it. The smallest sequence that was found:\n${JSON.stringify(details.counterexample?.[0], null, 1)}\n${cause}`,
    )
  }
}

/** The same for the same seed, and the first that fast-check would try. */
function sequenceOf(seed: number): Sequence {
  let made: Sequence | undefined
  fc.check(
    fc.property(fc.noBias(anySequence), (sequence) => {
      made = sequence
    }),
    { seed, numRuns: 1 },
  )
  if (made === undefined) throw new Error(`no sequence came of seed ${seed}`)
  return made
}

/** Apart from the invariants, and from all that the code keeps for them: what was spent, against the widest limits there ever were. */
async function assertNeverOverAnyLimit(database: TestDatabase, stages: readonly Stage[]): Promise<void> {
  const { rows } = await sql<{ list: string; month: number; day: number; suppliers: string[]; orders: number }>`
    select list, max(month) as month, max(day) as day, max(orders) as orders, array_agg(distinct supplier) as suppliers
    from (
      select reservation.list, supplier_id as supplier,
        sum(amount_minor) filter (where state <> 'released') over (partition by reservation.list, date_trunc('month', local_date)) as month,
        sum(amount_minor) filter (where state <> 'released') over (partition by reservation.list, local_date) as day,
        count(*) over (partition by reservation.list, placed_on) as orders
      from purchasing.reservations reservation
    ) spent group by list`.execute(database.db)
  for (const row of rows) {
    const stage = stages.find(({ lists }) => lists[0] === row.list)
    if (stage === undefined) continue
    const widest = (limit: (settings: LimitSettings) => string | number | undefined) =>
      Math.max(...stage.limitsSoFar.map((settings) => Number(limit(settings) ?? Number.POSITIVE_INFINITY)))
    const allowed = stage.limitsSoFar.map((settings) => settings.allowed_suppliers)
    const complain = (what: string) => {
      throw new Error(`list ${row.list} ${what}: ${JSON.stringify(row)} under ${JSON.stringify(stage.limitsSoFar)}`)
    }
    if ((row.month ?? 0) > widest(({ per_month }) => per_month) * 100) complain('spent too much in a month')
    if ((row.day ?? 0) > widest(({ per_day }) => per_day) * 100) complain('spent too much in a day')
    if (row.orders > widest(({ orders_per_day }) => orders_per_day)) complain('placed too many orders in a day')
    if (!allowed.includes(undefined) && row.suppliers.some((id) => !allowed.some((ids) => ids?.includes(id)))) {
      complain('bought from a supplier that was never allowed')
    }
  }
}
