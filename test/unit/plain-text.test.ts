import { describe, expect, it } from 'vitest'
import { storable, storableText, toStoredJson } from '../../src/platform/plain-text.js'

describe('storable', () => {
  it('drops NUL and mends half surrogates, and leaves all other text alone', () => {
    expect(storableText('a\u0000b')).toBe('ab')
    expect(storableText('\ud83d')).toBe('\ufffd')
    expect(storableText('Käse 🧀 שלום\n')).toBe('Käse 🧀 שלום\n')
  })

  it('reaches into lists, objects and keys, and leaves numbers, null and dates alone', () => {
    const at = new Date(0)
    expect(storable({ 'k\u0000': ['\u0000x', 1, null, { y: '\u0000' }], at })).toEqual({
      k: ['x', 1, null, { y: '' }],
      at,
    })
  })

  it('makes JSON of anything', () => {
    expect(toStoredJson(undefined)).toBe('null')
    expect(JSON.parse(toStoredJson({ a: '\u0000\ud800b' }))).toEqual({ a: '\ufffdb' })
  })
})
