import { expect, test } from 'vitest'
import { brokenPromises } from '../../bench/table.js'

const row = { what: 'orders', promisedMs: 100 }

test('a bench says which promises were not kept', () => {
  const late = { ...row, samplesMs: [20, 20, 140] }
  expect(brokenPromises({ title: 't', rows: [late] })).toEqual([])
  expect(brokenPromises({ title: 't', rows: [{ ...late, judgedBy: 'p95' }] })).toEqual([
    'orders: 140 ms, promised 100 ms',
  ])
  expect(brokenPromises({ title: 't', rows: [{ ...late, judgedBy: 'p95', promisedMs: null }] })).toEqual([])
  expect(brokenPromises({ title: 't', rows: [{ ...row, samplesMs: [] }] })).toHaveLength(1)
  const rows = [{ ...row, samplesMs: [20], broken: ['reads all of stock.items'] }]
  expect(brokenPromises({ title: 't', rows, broken: ['/new is not measured'] })).toEqual([
    '/new is not measured',
    'orders: reads all of stock.items',
  ])
})
