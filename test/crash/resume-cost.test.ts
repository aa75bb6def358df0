import { sql } from 'kysely'
import { expect, inject, test } from 'vitest'
import { startAimock } from '../helpers/agent-aimock.js'
import { openStation, type Station } from '../helpers/crash-station.js'
import { until } from '../helpers/until.js'

/** What it costs to be killed: no answer that was recorded is asked for again, and little time beyond the lease. */
const redisUrl = inject('redisUrl')

async function now({ database }: Station): Promise<number> {
  const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(database.db)
  return rows[0]?.at.getTime() ?? 0
}

// One after the other: what is measured is time.
test.each([1, 2, 3, 4].flatMap((turn) => [[turn, turn % 2 === 0 ? 'redis' : 'postgres']] as const))(
  'killed after turn %i (queue on %s), a run goes on without asking anything again',
  { timeout: 180_000 },
  async (turn, queue) => {
    if (queue === 'redis' && redisUrl === null) return
    const mock = await startAimock()
    // Longer than a process takes to start, so that what is measured is the waiting and not the starting.
    const leaseMs = 8_000
    const model = { model: 'aimock', modelUrl: mock.baseUrl } as const
    const opened = await openStation({ queue, transport: 'stdio', ...model, redisUrl, leaseMs })
    try {
      await opened.start({ failpoints: `answer.after=kill@${turn}` })
      const runId = await opened.requestRun()
      await until('the kill', () => opened.hasFired(), 60_000)
      await opened.killAll()
      const askedBefore = mock.requests().length
      expect(askedBefore).toBe(turn)

      const row = () =>
        opened.database.db.selectFrom('restock.runs').selectAll().where('id', '=', runId).executeTakeFirst()
      const leaseEnd = (await row())?.lease_until?.getTime() ?? 0
      const restarted = await now(opened)
      await opened.start()
      await until('the next attempt', async () => (await row())?.epoch === 2, 60_000)
      const resumed = await now(opened)
      const ending = await opened.settle(120_000)

      expect(ending.runs.map(({ status }) => status)).toEqual(['completed'])
      const asked = mock.requests().map(({ body }) => JSON.stringify(body))
      expect(new Set(asked).size).toBe(asked.length)
      const done = await row()
      expect(done?.outcome).toMatchObject({ usage: { modelCalls: asked.length } })
      // Reported, not judged: this machine may be busy.
      console.info(
        `killed after turn ${turn}, queue on ${queue}: ${asked.length} requests in all, resumed ${resumed - restarted} ms after ` +
          `the restart, ${resumed - Math.max(restarted, leaseEnd)} ms beyond the lease (start of the process included)`,
      )
    } finally {
      await opened.close()
      await mock.close()
    }
  },
)
