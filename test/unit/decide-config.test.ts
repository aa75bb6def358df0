import { describe, expect, it } from 'vitest'
import { type ConfiguredState, compareConfigured, describeChanges } from '../../src/cli/config/config-changes.js'
import { type ConfigDecision, type ConfigFacts, decideConfig } from '../../src/cli/config/decide-config.js'

const own = (hash = 'h1', path = '/cafe/restock.yaml') => ({ path, hash, isExample: false })
const example = (hash = 'ex', folder = '/cafe') => ({ path: `${folder}/restock.example.yaml`, hash, isExample: true })
const other = { path: '/elsewhere/restock.yaml', hash: 'h9' }

describe('decideConfig', () => {
  const cases: readonly [string, ConfigFacts, ConfigDecision][] = [
    ['no file, a new database', { found: null, inForce: null, hasLists: false }, 'keep'],
    ['no file, one in force', { found: null, inForce: other, hasLists: true }, 'keep'],
    ['a file, a new database', { found: own(), inForce: null, hasLists: false }, 'apply'],
    ['a file, lists made by hand', { found: own(), inForce: null, hasLists: true }, 'apply'],
    ['the example, a new database', { found: example(), inForce: null, hasLists: false }, 'apply'],
    ['the example, lists made by hand', { found: example(), inForce: null, hasLists: true }, 'keep'],
    ['the file in force', { found: own(), inForce: own(), hasLists: true }, 'unchanged'],
    ['the file in force, edited', { found: own('h2'), inForce: own('h1'), hasLists: true }, 'apply'],
    ['the example in force, edited', { found: example('e2'), inForce: example('e1'), hasLists: true }, 'apply'],
    ['another file', { found: own(), inForce: other, hasLists: true }, 'keep'],
    ['another file, all lists gone', { found: own(), inForce: other, hasLists: false }, 'keep'],
    ['another file that says the same', { found: own('h9'), inForce: other, hasLists: true }, 'unchanged'],
    ['the example, another in force', { found: example(), inForce: other, hasLists: true }, 'keep'],
    ['the example, one beside it in force', { found: example(), inForce: own(), hasLists: true }, 'keep'],
    ['a file of one’s own in place of the example', { found: own(), inForce: example(), hasLists: true }, 'apply'],
    ['a file far from the example in force', { found: own(), inForce: example('ex', '/x'), hasLists: true }, 'keep'],
  ]
  it.each(cases)('%s', (_name, facts, decision) => {
    expect(decideConfig(facts)).toBe(decision)
  })
})

describe('changes that a configuration made', () => {
  const before: ConfiguredState = {
    lists: ['cafe', 'lab'],
    limits: { cafe: { per_order: '100', allowed_suppliers: ['a', 'b'] }, lab: { per_month: '5' } },
    schedules: { nightly: '0 5', weekly: '0 6' },
  }

  it('are none when nothing differs', () => {
    expect(describeChanges(compareConfigured(before, structuredClone(before)))).toEqual([])
  })

  it('are told one by one', () => {
    const after: ConfiguredState = {
      lists: ['bar', 'cafe'],
      limits: { bar: { per_day: '7' }, cafe: { allowed_suppliers: ['a'], paused: true } },
      schedules: { nightly: '0 4', hourly: '0' },
    }
    expect(describeChanges(compareConfigured(before, after))).toEqual([
      '  list added: bar',
      '  list archived: lab',
      '  limit per_day of bar: not set, now 7',
      '  limit allowed_suppliers of cafe: a, b, now a',
      '  limit paused of cafe: not set, now true',
      '  limit per_order of cafe: 100, now not set',
      '  schedule added: hourly',
      '  schedule changed: nightly',
      '  schedule archived: weekly',
    ])
  })
})
