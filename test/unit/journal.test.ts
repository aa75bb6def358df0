import { describe, expect, test } from 'vitest'
import { modelFingerprint, stableJson, toolFingerprint } from '../../src/agent/fingerprint.js'
import { JournalDifferenceError, LegJournal } from '../../src/agent/leg-journal.js'
import { type JournalEntry, legsOf } from '../../src/runs/journal.js'
import { planResume } from '../../src/runs/resume.js'
import type { RunStep } from '../../src/runs/run-steps.js'
import { buildItem, buildSnapshot } from '../helpers/agent-items.js'

function step(overrides: Partial<RunStep> & { at?: [leg: number, position: number, fingerprint?: string] }): RunStep {
  const { at, ...rest } = overrides
  return {
    runId: 'run_1',
    epoch: 1,
    step: 1,
    kind: 'model',
    name: 'm',
    journal: at === undefined ? null : { leg: at[0], position: at[1], fingerprint: at[2] ?? `f${at[1]}` },
    isWrite: false,
    request: {},
    response: { output: [] },
    error: null,
    inputTokens: 0,
    outputTokens: 0,
    startedAt: new Date(0),
    durationMs: 0,
    ...rest,
  }
}

const snapshotStep = (leg = 1, epoch = 1) => step({ kind: 'snapshot', epoch, at: [leg, 0], response: buildSnapshot() })

function entry(position: number, overrides: Partial<RunStep> = {}): JournalEntry {
  const [leg] = legsOf([snapshotStep(), step({ at: [1, position], ...overrides })])
  const [only] = leg?.entries ?? []
  if (only === undefined) throw new Error('there is no entry')
  return only
}

const answer = (position: number, overrides: Partial<RunStep> = {}) => entry(position, overrides)
const read = (position: number, overrides: Partial<RunStep> = {}) =>
  entry(position, { kind: 'tool', name: 'create_quote', ...overrides })
const write = (position: number, overrides: Partial<RunStep> = {}) =>
  entry(position, { kind: 'tool', name: 'place_order', isWrite: true, ...overrides })

describe('the legs of recorded steps', () => {
  const shape = (steps: readonly RunStep[]) =>
    legsOf(steps).map(({ leg, entries }) => [leg, entries.map(({ epoch, journal }) => `${epoch}:${journal.position}`)])

  test('are the conversations, without the calls of the worker', () => {
    expect(shape([step({ kind: 'tool', name: 'begin_run' }), snapshotStep(), step({ at: [1, 1] })])).toEqual([
      [1, ['1:1']],
    ])
  })

  test('go on with what later attempts added', () => {
    const steps = [snapshotStep(), step({ at: [1, 1] }), step({ at: [1, 2] }), step({ epoch: 2, at: [1, 3] })]
    expect(shape(steps)).toEqual([[1, ['1:1', '1:2', '2:3']]])
  })

  test('lose what an earlier attempt recorded at and after the place where a later one went another way', () => {
    const steps = [1, 2, 3, 4].map((position) => step({ at: [1, position] }))
    expect(shape([snapshotStep(), ...steps, step({ epoch: 2, at: [1, 2] })])).toEqual([[1, ['1:1', '2:2']]])
  })

  test('are one for each model that began anew', () => {
    const steps = [snapshotStep(), step({ at: [1, 1] }), snapshotStep(2), step({ at: [2, 1] })]
    expect(shape(steps)).toEqual([
      [1, ['1:1']],
      [2, ['1:1']],
    ])
  })
})

describe('a conversation led again', () => {
  test('is answered from its record while it asks the same, then lives', () => {
    const journal = new LegJournal(1, [answer(1), read(2), answer(3)])
    expect(journal.takeModel('f1')?.journal.position).toBe(1)
    expect(journal.takeTool('f2')).toMatchObject({ kind: 'recorded' })
    expect(journal.takeModel('f3')?.journal.position).toBe(3)
    expect(journal.isLive).toBe(true)
    expect(journal.takeTool('f4')).toBeNull()
    expect(journal.nextPlace('f4')).toEqual({ leg: 1, position: 4, fingerprint: 'f4' })
  })

  test('passes over failures to answer', () => {
    const failed = { response: null, error: '503', journal: { leg: 1, position: 1, fingerprint: 'f' } }
    const answered = entry(1, { journal: { leg: 1, position: 2, fingerprint: 'f' } })
    expect(new LegJournal(1, [entry(1, failed), answered]).takeModel('f')).toBe(answered)
    const alone = new LegJournal(1, [entry(1, failed)])
    expect(alone.takeModel('f')).toBeNull()
    expect(alone.nextPlace('f').position).toBe(2)
  })

  test('forgets the rest at the first difference when nothing was written after it', () => {
    const journal = new LegJournal(1, [answer(1), read(2), answer(3)])
    journal.takeModel('f1')
    expect(journal.takeTool('other')).toBeNull()
    expect(journal.nextPlace('other').position).toBe(2)
    expect(journal.takeModel('f3')).toBeNull()
  })

  test('ends at the first difference when something was written at or after it, for good', () => {
    for (const written of [write(3), write(3, { response: null }), write(3, { response: null, error: 'timed out' })]) {
      const journal = new LegJournal(1, [answer(1), read(2), written])
      expect(() => journal.takeModel('other')).toThrow(JournalDifferenceError)
      expect(journal.difference).not.toBeNull()
      expect(() => journal.takeModel('f1')).toThrow(JournalDifferenceError)
    }
  })

  test('may differ after what was written', () => {
    const journal = new LegJournal(1, [answer(1), write(2), answer(3)])
    journal.takeModel('f1')
    journal.takeTool('f2')
    expect(journal.takeModel('other')).toBeNull()
  })

  test('has a write without a result in doubt', () => {
    expect(new LegJournal(1, [write(1, { response: null })]).takeTool('f1')).toMatchObject({ kind: 'in_doubt' })
    expect(new LegJournal(1, [write(1, { response: null, error: 'x' })]).takeTool('f1')).toMatchObject({
      kind: 'recorded',
    })
  })

  test('makes a write that got no answer again where its server makes nothing twice, unless something was written after it', () => {
    const unanswered = write(1, { response: null, error: 'the server died' })
    const take = (...rest: JournalEntry[]) =>
      new LegJournal(1, [unanswered, ...rest]).takeTool('f1', { isRepeatable: true })?.kind
    expect(take()).toBe('in_doubt')
    expect(take(answer(2), read(3))).toBe('in_doubt')
    expect(take(answer(2), write(3))).toBe('recorded')
    expect(new LegJournal(1, [unanswered], { isStrict: true }).takeTool('f1', { isRepeatable: true })?.kind).toBe(
      'recorded',
    )
    expect(new LegJournal(1, [write(1)]).takeTool('f1', { isRepeatable: true })?.kind).toBe('recorded')
  })

  test.each([
    ['failed', { response: null, error: 'timed out' }],
    ['was refused', { response: { isError: true, content: [] } }],
  ])('makes a read that %s again, unless something was written after it', (_, result) => {
    const journal = new LegJournal(1, [read(1, result), answer(2)])
    const taken = journal.takeTool('f1')
    expect(taken?.kind).toBe('retry')
    if (taken === null) throw new Error('nothing was taken')
    const same = { error: null, ...result }
    expect(journal.replaced(taken.entry, same)).toBeNull()
    expect(journal.takeModel('f2')).not.toBeNull()

    const other = new LegJournal(1, [read(1, result), answer(2)])
    const again = other.takeTool('f1')
    if (again === null) throw new Error('nothing was taken')
    expect(other.replaced(again.entry, { response: { ok: 1 }, error: null })).toMatchObject({ position: 1 })
    expect(other.takeModel('f2')).toBeNull()

    expect(new LegJournal(1, [read(1, result), write(2)]).takeTool('f1')).toMatchObject({ kind: 'recorded' })
  })
})

describe('what is asked', () => {
  const request = {
    input: [{ role: 'user' as const, content: 'buy' }],
    modelSettings: { temperature: 0 },
    tools: [],
    outputType: 'text' as const,
    handoffs: [],
    tracing: false,
  }

  test('is the same whoever put it together, however long one waits for the answer', () => {
    const { signal } = new AbortController()
    const settings = { timeoutMs: 5, retry: { maxRetries: 1 }, temperature: 0 }
    expect(modelFingerprint('m', { ...request, modelSettings: settings, signal })).toBe(modelFingerprint('m', request))
    expect(stableJson({ b: [{ d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[{"d":1}]}')
  })

  test('differs with the model, the words and the settings', () => {
    const others = [
      modelFingerprint('n', request),
      modelFingerprint('m', { ...request, systemInstructions: 'x' }),
      modelFingerprint('m', { ...request, input: [{ role: 'user' as const, content: 'buy!' }] }),
      modelFingerprint('m', { ...request, modelSettings: { temperature: 1 } }),
      toolFingerprint('ordering', 'place_order', {}),
      toolFingerprint('list', 'place_order', {}),
      toolFingerprint('list', 'place_order', { quote_id: 'q' }),
    ]
    expect(new Set([...others, modelFingerprint('m', request)]).size).toBe(8)
  })
})

describe('an interrupted run', () => {
  const leg = (entries: readonly JournalEntry[], items = [buildItem()]) => [
    { leg: 1, model: 'm', snapshot: buildSnapshot(items), begun: {}, entries },
  ]
  const at = (minutes: number) => new Date(Date.parse('2026-03-02T08:00:00Z') + minutes * 60_000)
  const plan = (entries: readonly JournalEntry[], now: ReturnType<typeof buildItem>[], minutes = 1) =>
    planResume(leg(entries), buildSnapshot(now), at(minutes)).kind

  test.each([
    ['goes on when what is due is the same', [buildItem()], 'resume'],
    ['goes on when a need has grown, as needs do', [buildItem({ need: 25, onHand: 1.5 })], 'resume'],
    ['begins anew when a need has shrunk', [buildItem({ need: 12 })], 'begin'],
    ['begins anew when an item is no longer due', [], 'begin'],
    ['begins anew when more is due', [buildItem(), buildItem({ itemId: 'itm_tea' })], 'begin'],
    ['begins anew when a person changed what is bought', [buildItem({ maxUnitPrice: '1.00' })], 'begin'],
    ['begins anew when another unit is meant', [buildItem({ unit: 'ml' })], 'begin'],
  ])('%s', (_, now, kind) => {
    expect(plan([answer(1)], now)).toBe(kind)
    // What was written can't be begun anew.
    expect(plan([answer(1), write(2)], now)).toBe('resume')
    expect(plan([answer(1), write(2, { response: null })], now)).toBe('resume')
  })

  test('begins anew when nothing was answered, and when it was long ago', () => {
    expect(planResume([], buildSnapshot(), at(0)).kind).toBe('begin')
    expect(plan([], [buildItem()])).toBe('begin')
    expect(plan([answer(1, { response: null, error: '503' })], [buildItem()])).toBe('begin')
    expect(plan([answer(1)], [buildItem()], 31)).toBe('begin')
    expect(plan([answer(1), write(2)], [buildItem()], 31)).toBe('resume')
  })
})
