/**
 * Kills everything again and again at moments that a seed chooses, while runs are asked for and come in. Nothing may depend on
 * where a process happens to be. `RESTOCK_TEST_SEED` repeats a life.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { seededRandom } from '../../src/purchasing/solver/random.js'
import { startAimock } from '../helpers/agent-aimock.js'
import { type Ending, openStation, type StationOptions } from '../helpers/crash-station.js'

const seed = Number(process.env.RESTOCK_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const redisUrl = inject('redisUrl')
const killsInAll = Number(process.env.RESTOCK_TEST_KILLS ?? 104)

const lives: readonly Pick<StationOptions, 'queue' | 'transport' | 'model'>[] = [
  { queue: 'postgres', transport: 'stdio', model: 'rules' },
  { queue: 'redis', transport: 'stdio', model: 'aimock' },
]

it.each(lives)(
  `after many deaths at random moments ($queue queue, $model; seed ${seed})`,
  async (options) => {
    const random = seededRandom(seed)
    const aimock = await startAimock()
    const station = await openStation({ ...options, redisUrl, modelUrl: aimock.baseUrl, leaseMs: 1_000 })
    try {
      const kills = Math.ceil(killsInAll / lives.length)
      for (let kill = 0; kill < kills; kill++) {
        // The next day, so that what was used since is due again, and doubts and leases of the day before are over.
        if (kill % 8 === 0) {
          await station.useUp(kill === 0 ? 0 : 9)
          await station.requestRun()
        }
        await station.start({ aheadMs: kill * 3_600_000 })
        // Starting takes about a second; a run is through in another.
        await sleep(500 + random() * 2_100)
        await station.killAll()
      }
      await station.start({ aheadMs: kills * 3_600_000 })
      const ending = await station.settle()
      expect((await station.violations()).join('\n')).toBe('')
      expect(ending.runs).toHaveLength(Math.ceil(kills / 8))
      // Who is killed ten times over one run, and more while giving it up, doesn't try for ever: it ends with a word on each item.
      const isDone = ({ status, error }: Ending['runs'][number]) =>
        status === 'completed' || /^Given up after \d+ attempts/.test(error ?? '')
      expect(ending.runs.filter((run) => !isDone(run))).toEqual([])
      // How many get through depends on how fast the machine starts a process.
      expect(ending.runs.filter(({ status }) => status === 'completed').length).toBeGreaterThan(0)
      for (const run of ending.runs) {
        for (const { name, decision } of run.items) {
          expect([name, decision]).toEqual([name, expect.stringMatching(/^(ordered|needs_attention|skipped|unknown)$/)])
        }
      }
      // Each order was taken once, however often it was sent.
      expect(ending.taken).toBe(ending.orders.filter(({ supplier }) => supplier === 'south').length)
      for (const { onHand, orderUpTo, pack } of await station.levels()) {
        expect(onHand).toBeLessThan(orderUpTo + pack)
      }
    } finally {
      await station.close()
      await aimock.close()
    }
  },
  600_000,
)
