import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/platform/errors.js'
import { parseDeclineTerm } from '../../src/purchasing/placing/decline-term.js'

describe('how long a decline holds', () => {
  it.each([
    ['0', 0],
    ['0d', 0],
    ['1d', 1],
    ['3 days', 3],
    ['2w', 14],
    ['2 Weeks', 14],
    ['1m', 30],
    ['366d', 366],
  ])('%s is %d days', (text, days) => {
    expect(parseDeclineTerm(text)).toBe(days * 86_400_000)
  })

  it.each(['', '7', 'soon', '-1d', '1.5d', '1h', '367d', '13m', '99999d', '1d 2w'])('refuses "%s"', (text) => {
    expect(() => parseDeclineTerm(text)).toThrow(InputError)
  })
})
