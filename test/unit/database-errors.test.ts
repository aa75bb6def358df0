import { describe, expect, it } from 'vitest'
import { report } from '../../src/cli/report.js'
import { describeDatabaseError } from '../../src/platform/database-errors.js'
import { UnavailableError } from '../../src/platform/errors.js'

const failure = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code })

describe('what a database does to a query', () => {
  it.each([
    ['could not extend file "base/5/1259": No space left on device', '53100', 'disk_full'],
    ['sorry, too many clients already', '53300', 'database_busy'],
    ['canceling statement due to statement timeout', '57014', 'database_busy'],
    ['cannot execute INSERT in a read-only transaction', '25006', 'database_read_only'],
    ['terminating connection due to administrator command', '57P01', 'database_away'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED', 'database_away'],
    ['Connection terminated unexpectedly', undefined, 'database_away'],
  ])('%s: one sentence, what to do, no SQL', (message, state, code) => {
    const described = describeDatabaseError(failure(message, state))
    expect(described).toBeInstanceOf(UnavailableError)
    expect(described).toMatchObject({ code })
    let text = ''
    const stderr = (line: string) => {
      text += line
    }
    expect(report(failure(message, state), { stderr, isVerbose: false })).toBe(1)
    expect(text).toMatch(/^restock: The d(atabase|isk) .*\.\n$/)
    expect(text).not.toMatch(/should not have|base\/5|ECONN/)
  })

  it('leaves alone what is our own fault', () => {
    const ours = failure('column "x" does not exist', '42703')
    expect(describeDatabaseError(ours)).toBe(ours)
    expect(describeDatabaseError('text')).toBe('text')
  })
})
