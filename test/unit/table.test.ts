import { describe, expect, it } from 'vitest'
import { type Column, displayWidth, formatFacts, formatTable, plainLines, plainText } from '../../src/cli/table.js'

interface Row {
  readonly name: string
  readonly quantity: number | null
  readonly note: string
}

const columns: readonly Column<Row>[] = [
  { title: 'item', value: ({ name }) => name, isFlexible: true },
  { title: 'quantity', value: ({ quantity }) => quantity },
  { title: 'note', value: ({ note }) => note, isFlexible: true },
]

const rows: readonly Row[] = [
  { name: 'Oat milk', quantity: 12.5, note: 'six in a box' },
  { name: 'Espresso beans house blend', quantity: null, note: '' },
  { name: 'Cups', quantity: 1000, note: 'with lids' },
]

const piped = { isTerminal: false, columns: 20 }

describe('formatTable', () => {
  it('puts numbers on the right and text on the left, and cuts nothing when piped', () => {
    expect(formatTable(rows, columns, piped)).toBe(
      [
        'item                        quantity  note',
        'Oat milk                        12.5  six in a box',
        'Espresso beans house blend',
        'Cups                            1000  with lids',
      ].join('\n'),
    )
  })

  it.each([80, 60, 50, 40, 36])('fits a terminal of %i columns', (width) => {
    const lines = formatTable(rows, columns, { isTerminal: true, columns: width }).split('\n')
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width)
    expect(lines).toHaveLength(4)
  })

  it('cuts the widest flexible column first and shows that it did', () => {
    const text = formatTable(rows, columns, { isTerminal: true, columns: 40 })
    expect(text).toContain('Espresso beans…')
    expect(text).toContain('six in a box')
    expect(text).toContain('12.5')
  })

  it('keeps the columns that can not be cut whole, however narrow the terminal', () => {
    expect(formatTable(rows, columns, { isTerminal: true, columns: 5 })).toContain('1000')
  })

  it('aligns text to the right where it is asked to', () => {
    const money: Column<string> = { title: 'total', value: (amount) => amount, align: 'right' }
    expect(formatTable(['9.50 EUR', '1250.00 EUR'], [money], piped).split('\n')).toEqual([
      '      total',
      '   9.50 EUR',
      '1250.00 EUR',
    ])
  })

  it('counts the cells that wide and combined characters take', () => {
    const text: Column<string> = { title: 'name', value: (name) => name }
    const mark: Column<string> = { title: 'x', value: () => '|' }
    const lines = formatTable(['牛乳', 'Café', '🥛 milk', 'Cafe\u0301'], [text, mark], piped).split('\n')
    expect(lines.slice(1).map((line) => displayWidth(line.slice(0, line.indexOf('|'))))).toEqual([9, 9, 9, 9])
  })

  it('keeps a hostile name from steering the terminal or breaking the line', () => {
    const name: Column<string> = { title: 'name', value: (value) => value }
    const text = formatTable(['evil\u001b[2J\u001b]0;x\u0007\nname\u202eslanes'], [name], piped)
    expect(text.split('\n')).toHaveLength(2)
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202E]/u)
  })
})

describe('plain text', () => {
  it('is one line', () => expect(plainText(' a\r\nb\tc\u2028d ')).toBe('a b c d'))
  it('keeps lines and their indent where lines are wanted', () => {
    expect(plainLines('one:\n  two\u001b[31m\nthree')).toBe('one:\n  two [31m\nthree')
  })
})

describe('formatFacts', () => {
  it('aligns values and leaves out what is not known', () => {
    expect(
      formatFacts([
        ['run', 'run_1'],
        ['model', null],
        ['attempts', 0],
      ]),
    ).toBe('run       run_1\nattempts  0')
  })
})
