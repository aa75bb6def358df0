import { describe, expect, it } from 'vitest'
import { idPattern } from '../../src/config/config-file.js'
import { idFromName } from '../../src/web/pages/start/set-up-list.js'

describe('the id that a list gets from its name', () => {
  it.each([
    ['Corner Café', 'corner-cafe'],
    ['  Büro & Küche, 2. Stock ', 'buro-kuche-2-stock'],
    ['LAB_7', 'lab-7'],
    [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ])('of %s is %s', (name, id) => {
    expect(idFromName(name)).toBe(id)
    expect(id).toMatch(idPattern)
  })

  it.each(['Кафе', '!?', ''])('is for a person to choose where nothing of it can stand in one: %s', (name) => {
    expect(idFromName(name)).toBe('')
  })
})
