import { expect, inject, test } from 'vitest'
import { openStation } from '../helpers/crash-station.js'
import { until } from '../helpers/until.js'

/**
 * A worker is stopped (SIGSTOP) in the middle of a run, for longer than its lease. Another one finishes the run. Then the first
 * wakes up (SIGCONT), with a call on its tongue and a run that isn't its own any more.
 */
const redisUrl = inject('redisUrl')
// Jobs that the sleeper had taken are given up by the queue after half a minute only.
const deadlineMs = 180_000

test.concurrent.each([
  ['claim.after', 'postgres', 'stdio'],
  ['answer.after', 'postgres', 'http'],
  ['intent.after', 'redis', 'http'],
  ['send.after', 'redis', 'stdio'],
  ['result.after', 'postgres', 'stdio'],
  ['outcome.before', 'redis', 'http'],
] as const)(
  'a worker that slept at %s (queue on %s, servers over %s) orders nothing and says so',
  { timeout: deadlineMs },
  async (place, queue, transport) => {
    if (queue === 'redis' && redisUrl === null) return
    const station = await openStation({ queue, transport, model: 'rules', redisUrl, modelUrl: null, leaseMs: 1_500 })
    try {
      await station.start({ failpoints: `${place}=stop` })
      const sleeper = station.main()
      const runId = await station.requestRun()
      await until('the first worker to sleep', () => station.hasFired(), deadlineMs / 3)
      await station.start()
      const before = await station.settle(deadlineMs / 2)
      expect(before.runs.map(({ status }) => status)).toEqual(['completed'])

      sleeper.child.kill('SIGCONT')
      const line = await until(
        'a line in the log',
        () => /^.*another worker took this run over.*$/m.exec(sleeper.stderr())?.[0],
        deadlineMs / 3,
      )
      expect(JSON.parse(line)).toMatchObject({ run: runId, epoch: 1 })
      expect(await station.settle()).toEqual(before)
      expect(await station.violations()).toEqual([])
      // It is a worker like any other again.
      expect(sleeper.child.exitCode).toBeNull()
    } finally {
      await station.close()
    }
  },
)
