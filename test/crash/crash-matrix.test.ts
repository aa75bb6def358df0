/**
 * Kills the program at every named place and starts it again: the end is that of a life without a death. In pairs, every place
 * with every queue, transport and model, and those with each other; `npm run test:crash -- --full` tries the full product and
 * prints its table.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type FailpointName, failpointNames } from '../../src/platform/failpoints.js'
import { type Aimock, startAimock } from '../helpers/agent-aimock.js'
import { type Ending, openStation, type StationOptions } from '../helpers/crash-station.js'
import { until } from '../helpers/until.js'

interface Cell {
  readonly place: FailpointName
  /** Who dies: the process in which the place lies, or the one that started it. */
  readonly action: 'kill' | 'kill-parent'
  readonly queue: StationOptions['queue']
  readonly transport: StationOptions['transport']
  readonly model: StationOptions['model']
}

const isFull = process.env.RESTOCK_CRASH_FULL !== undefined
const redisUrl = inject('redisUrl')
const queues = ['postgres', 'redis'] as const
const transports = ['stdio', 'http'] as const
const models = ['rules', 'aimock'] as const

/** Each place twice, with opposite settings; over the places every pair of settings comes up. */
function cells(): Cell[] {
  return failpointNames.flatMap((place, index) =>
    queues.flatMap((queue, q) =>
      transports.flatMap((transport, t) =>
        models.flatMap((model, m): Cell[] => {
          const [a, b] = [(q ^ t) === index % 2, (q ^ m) === (index >> 1) % 2]
          if (!isFull && !(a && b)) return []
          const cell = { place, queue, transport, model }
          // The commit lies in the ordering server. Over stdio it is the worker's child: either may be the one that dies.
          const isInServer = place.startsWith('commit.')
          return [
            { ...cell, action: 'kill' as const },
            ...(isInServer && transport === 'stdio' ? [{ ...cell, action: 'kill-parent' as const }] : []),
          ]
        }),
      ),
    ),
  )
}

let aimock: Aimock
/** By model: how it ends when nobody dies. */
const undisturbed = new Map<string, Ending>()
/** Row by row (who dies where), what came of each setting. */
const table = new Map<string, string[]>()
beforeAll(async () => {
  aimock = await startAimock()
  for (const model of models) undisturbed.set(model, await live({ queue: 'postgres', transport: 'stdio', model }))
}, 600_000)
afterAll(async () => {
  await aimock.close()
  if (isFull) console.info(describeTable())
})

function describeTable(): string {
  const settings = queues.flatMap((queue) =>
    transports.flatMap((transport) => models.map((model) => `${queue}, ${transport}, ${model}`)),
  )
  const rows = [...table].map(([who, same]) =>
    [who, ...settings.map((setting) => (same.includes(setting) ? 'same' : '-'))].join(' | '),
  )
  return [['who dies where', ...settings].join(' | '), ...rows].join('\n')
}

async function live(
  options: Pick<StationOptions, 'queue' | 'transport' | 'model'>,
  failpoints?: string,
): Promise<Ending> {
  const station = await openStation({ ...options, redisUrl, modelUrl: aimock.baseUrl })
  try {
    await station.requestRun()
    if (failpoints !== undefined) {
      await station.start({ failpoints })
      await until(
        `${failpoints} to strike`,
        async () => {
          const dead = station.processes().find(({ child }) => child.signalCode === 'SIGKILL')
          // A server that a worker started dies without our seeing it.
          return dead !== undefined || station.hasFired() || null
        },
        150_000,
      )
      await station.killAll()
    }
    // Time passes until somebody starts it again; whom to ask about a doubtful order is due by then.
    await station.start({ aheadMs: failpoints === undefined ? 0 : 3_600_000 })
    const ending = await station.settle()
    expect((await station.violations()).join('\n')).toBe('')
    for (const [key, count] of station.supplier.book.sendings) expect(count, key).toBeLessThanOrEqual(2)
    return ending
  } catch (error) {
    const logs = station.processes().map((process) => process.stderr().slice(-3_000) + process.stdout().slice(-1_000))
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs.join('\n---\n')}`, {
      cause: error,
    })
  } finally {
    await station.close()
  }
}

describe('without a death', () => {
  it('everything that can be had is ordered once and comes in', () => {
    for (const ending of undisturbed.values()) {
      expect(ending).toMatchObject({
        runs: [
          {
            status: 'completed',
            items: [
              { name: 'Milk', decision: 'ordered', ordered: 12 },
              { name: 'Oats', decision: 'ordered', ordered: 12 },
              { name: 'Tea', decision: 'ordered', ordered: 11 },
              { name: 'Unicorn dust', decision: 'needs_attention', ordered: 0 },
            ],
          },
        ],
        orders: [
          { supplier: 'north', status: 'received' },
          { supplier: 'south', status: 'received' },
        ],
        onHand: { Milk: 13, Oats: 13, Tea: 12, 'Unicorn dust': 1 },
        taken: 1,
      })
    }
  })
})

describe('whoever dies where, the end is the same', () => {
  const all = cells()
  it('every place is in the matrix, with each queue, transport and model', () => {
    for (const place of failpointNames) {
      const ofPlace = all.filter((cell) => cell.place === place)
      for (const key of ['queue', 'transport', 'model'] as const) {
        expect(new Set(ofPlace.map((cell) => cell[key])).size, `${place} ${key}`).toBe(2)
      }
    }
    for (const queue of queues) {
      for (const transport of transports) {
        for (const model of models) {
          expect(all.some((cell) => cell.queue === queue && cell.transport === transport && cell.model === model)).toBe(
            true,
          )
        }
      }
    }
  })

  it.concurrent.each(all)(
    '$action at $place: $queue queue, $transport, $model',
    async (cell) => {
      const { place, action, queue, transport, model } = cell
      const ending = await live({ queue, transport, model }, `${place}=${action}`)
      expect(ending).toEqual(undisturbed.get(model))
      const who = `${place} ${action}`
      table.set(who, [...(table.get(who) ?? []), `${queue}, ${transport}, ${model}`])
    },
    // Long enough for a machine that is busy with other things; nothing is asserted about time.
    400_000,
  )
})
