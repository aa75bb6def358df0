import { describe, expect, it } from 'vitest'
import { readReceipt, signReceipt } from '../../src/platform/receipt.js'
import { readCaller, runContextKey, signRunContext } from '../../src/platform/run-context.js'

const secret = 'one secret of more than thirty-two letters'
const now = new Date('2026-03-02T08:00:00Z')
const later = new Date('2026-03-02T09:00:00Z')
const context = { run: 'run_1', list: 'cafe', epoch: 3, dryRun: false }
const signed = signRunContext(secret, context, later)

describe('readCaller', () => {
  it('knows a run by its signature', () => {
    expect(readCaller(secret, { [runContextKey]: signed }, now)).toEqual({ kind: 'run', ...context, actor: 'worker' })
  })

  it('takes a call without context for a person’s', () => {
    expect(readCaller(secret, undefined, now)).toEqual({ kind: 'person' })
    expect(readCaller(secret, { other: 1 }, now)).toEqual({ kind: 'person' })
  })

  it.each([
    ['another list', { ...signed, list: 'lab' }],
    ['another run', { ...signed, run: 'run_2' }],
    ['a later epoch', { ...signed, epoch: 4 }],
    ['a longer life', { ...signed, expires_at: '2027-01-01T00:00:00.000Z' }],
    ['no dry run any more', { ...signRunContext(secret, { ...context, dryRun: true }, later), dry_run: false }],
    [
      'the worker’s part for the agent',
      { ...signRunContext(secret, { ...context, actor: 'agent' }, later), actor: 'worker' },
    ],
    ['no signature', { ...signed, signature: '' }],
    ['another secret', signRunContext('another secret of more than thirty-two', context, later)],
    ['half a context', { run: 'run_1' }],
    ['text', 'run_1'],
    ['null', null],
  ])('refuses %s, and never takes it for a person', (_name, forged) => {
    expect(readCaller(secret, { [runContextKey]: forged }, now)).toBe('invalid')
  })

  it('refuses a context past its end', () => {
    expect(readCaller(secret, { [runContextKey]: signed }, later)).toBe('invalid')
  })
})

describe('receipts', () => {
  const receipt = {
    v: 1 as const,
    run: 'run_1',
    list: 'cafe',
    currency: 'EUR',
    issued_at: now.toISOString(),
    orders: [],
  }

  it('are read back as they were signed', () => {
    expect(readReceipt(secret, signReceipt(secret, receipt))).toEqual(receipt)
  })

  it('are worth nothing when changed, cut or signed by somebody else', () => {
    const text = signReceipt(secret, receipt)
    const [body = '', signature = ''] = text.split('.')
    const changed = Buffer.from(JSON.stringify({ ...receipt, list: 'lab' })).toString('base64url')
    for (const forged of [
      `${changed}.${signature}`,
      body,
      `${text}x`,
      `${text}.more`,
      '',
      signReceipt('x'.repeat(40), receipt),
    ]) {
      expect(readReceipt(secret, forged)).toBeNull()
    }
  })

  it('can’t be made from a run context’s signature', () => {
    const { signature } = signRunContext(secret, context, later)
    expect(readReceipt(secret, `${Buffer.from(JSON.stringify(receipt)).toString('base64url')}.${signature}`)).toBeNull()
  })
})
