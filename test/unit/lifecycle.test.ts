import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/platform/context.js'
import { createLifecycle, exitCodeOf, surviveLostConnections } from '../../src/platform/lifecycle.js'

describe('createLifecycle', () => {
  it('closes what was opened last first, once, and goes on when one fails or hangs', async () => {
    const closed: string[] = []
    const lifecycle = createLifecycle(silentLogger, 10)
    lifecycle.own('first', async () => {
      closed.push('first')
    })
    lifecycle.own('broken', async () => {
      closed.push('broken')
      throw new Error('no')
    })
    lifecycle.own('hanging', () => {
      closed.push('hanging')
      return new Promise(() => undefined)
    })
    await Promise.all([lifecycle.close(), lifecycle.close()])
    expect(closed).toEqual(['hanging', 'broken', 'first'])
  })
})

describe('exitCodeOf', () => {
  it('is what shells say', () => {
    expect([exitCodeOf('SIGINT'), exitCodeOf('SIGTERM'), exitCodeOf('SIGHUP')]).toEqual([130, 143, 129])
  })
})

describe('surviveLostConnections', () => {
  const before = process.listeners('uncaughtException')
  afterEach(() => {
    for (const listener of process.listeners('uncaughtException')) {
      if (!before.includes(listener)) process.removeListener('uncaughtException', listener)
    }
  })

  it('takes a lost connection for a warning', () => {
    const warnings: string[] = []
    surviveLostConnections({ ...silentLogger, warn: (_fields, message = '') => warnings.push(message) })
    const ours = process.listeners('uncaughtException').find((listener) => !before.includes(listener))
    ours?.(
      Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' }),
      'uncaughtException',
    )
    ours?.(new Error('Connection terminated unexpectedly'), 'uncaughtException')
    expect(warnings).toEqual(['a connection was lost', 'a connection was lost'])
  })
})
