import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  armFailpoints,
  failpoint,
  failpointNames,
  parseFailpoints,
  readFailpointLog,
} from '../../src/platform/failpoints.js'

const logFile = join(tmpdir(), `restock-failpoints-${process.pid}.log`)

afterEach(() => {
  armFailpoints(null)
  rmSync(logFile, { force: true })
})

const arm = (spec: string, log?: string) => armFailpoints(parseFailpoints(spec, log))

test('nothing armed is nothing done', () => {
  expect(parseFailpoints(undefined, logFile)).toBeNull()
  expect(parseFailpoints(' , ', undefined)).toBeNull()
  for (const name of failpointNames) expect(failpoint(name)).toBeUndefined()
})

test('entries are read with their action and time', () => {
  expect(parseFailpoints('intent.after=kill@2, submit.before=delay:500@*,claim.after=stop', '/x.log')).toEqual({
    spec: 'intent.after=kill@2, submit.before=delay:500@*,claim.after=stop',
    logFile: '/x.log',
    armed: [
      { name: 'intent.after', action: { kind: 'kill' }, time: 2 },
      { name: 'submit.before', action: { kind: 'delay', delayMs: 500 }, time: null },
      { name: 'claim.after', action: { kind: 'stop' }, time: 1 },
    ],
  })
})

test.each(['intent=kill', 'intent.during=kill', 'intent.after', 'intent.after=maim', 'intent.after=kill@0', 'x'])(
  '%s is refused with what can be written',
  (spec) => {
    expect(() => parseFailpoints(spec, undefined)).toThrow(/is not place=action@time; places are claim\.before, /)
  },
)

describe('an armed place', () => {
  test('acts at the time that was named, and only then', async () => {
    arm('intent.after=error@2')
    await failpoint('intent.after')
    await failpoint('intent.before')
    await expect(failpoint('intent.after')).rejects.toThrow('failed on purpose at intent.after')
    await failpoint('intent.after')
  })

  test('acts every time with a star', async () => {
    arm('result.before=error@*')
    await expect(failpoint('result.before')).rejects.toThrow()
    await expect(failpoint('result.before')).rejects.toThrow()
  })

  test('writes down what was reached and done; times count over all processes that share the file', async () => {
    writeFileSync(logFile, 'send.after reached 1.1\nsend.after reached 2.1\n')
    arm('send.after=error@3,send.before=error@5', logFile)
    await failpoint('send.before')
    await expect(failpoint('send.after')).rejects.toThrow()
    await failpoint('send.after')
    expect(readFailpointLog(logFile)).toEqual([
      { name: 'send.after', what: 'reached', pid: 1 },
      { name: 'send.after', what: 'reached', pid: 2 },
      { name: 'send.before', what: 'reached', pid: process.pid },
      { name: 'send.after', what: 'reached', pid: process.pid },
      { name: 'send.after', what: 'error', pid: process.pid },
      { name: 'send.after', what: 'reached', pid: process.pid },
    ])
    // A process that is started anew, with the same settings: what was done once is not done again.
    arm('send.after=error@3', logFile)
    await failpoint('send.after')
  })

  test('a log that was never written says nothing', () => {
    expect(readFailpointLog(join(tmpdir(), 'there is no such file'))).toEqual([])
  })
})
