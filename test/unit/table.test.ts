import { stripVTControlCharacters, styleText } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Column, formatFacts, formatTable, plainLines, plainText } from '../../src/cli/terminal/table.js'
import { displayWidth } from '../../src/cli/terminal/text-width.js'

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

/** How a terminal is told to go on in a colour, as a pattern. */
const startOf = (color: 'green' | 'red') =>
  (styleText(color, '|', { validateStream: false }).split('|')[0] ?? '').replace('[', '\\[')

/** One that shows no colour, to be measured. */
const terminal = (width: number) => ({ isTerminal: true, columns: width, env: { NO_COLOR: '1' } })
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
    const lines = formatTable(rows, columns, terminal(width)).split('\n')
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width)
    expect(lines).toHaveLength(4)
  })

  it('cuts the widest flexible column first and shows that it did', () => {
    const text = formatTable(rows, columns, terminal(40))
    expect(text).toContain('Espresso beans…')
    expect(text).toContain('six in a box')
    expect(text).toContain('12.5')
  })

  it('moves the details of a row under it where the terminal has no place beside it', () => {
    const detailed = columns.map((column) => (column.title === 'note' ? { ...column, isDetail: true } : column))
    expect(formatTable(rows, detailed, terminal(30))).toBe(
      [
        'item                  quantity',
        'Oat milk                  12.5',
        '  note: six in a box',
        'Espresso beans hous…',
        'Cups                      1000',
        '  note: with lids',
      ].join('\n'),
    )
    expect(formatTable(rows, detailed, piped)).toBe(formatTable(rows, columns, piped))
  })

  it('is a stack of titles and values where no table fits', () => {
    expect(formatTable(rows, columns, terminal(24))).toBe(
      [
        'Oat milk',
        '  quantity: 12.5',
        '  note: six in a box',
        'Espresso beans house',
        'blend',
        'Cups',
        '  quantity: 1000',
        '  note: with lids',
      ].join('\n'),
    )
  })

  it('never wraps, whatever is in it and however narrow the terminal', () => {
    const words = fc.array(fc.constantFrom('牛乳', '🥛', '👩‍🍳', 'e\u0301', 'oat', 'milk', 'a'.repeat(30), ' '), {
      maxLength: 12,
    })
    const row = fc.record({
      name: words.map((parts) => parts.join('')),
      quantity: fc.option(fc.integer({ min: -99_999, max: 99_999 })),
      note: words.map((parts) => parts.join(' ')),
    })
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 4 }),
        fc.integer({ min: 16, max: 90 }),
        fc.boolean(),
        (some, width, moves) => {
          const shown = columns.map((column) => ({ ...column, isDetail: moves && column.title === 'note' }))
          const text = formatTable(some, shown, terminal(width))
          expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width)
        },
      ),
    )
  })

  it('is laid out the same with colour and without, and coloured by what a value says', () => {
    const colored = columns.map(
      (column): Column<Row> =>
        column.title === 'quantity'
          ? { ...column, role: ({ quantity }) => (quantity === null ? null : quantity > 100 ? 'good' : 'bad') }
          : column,
    )
    for (const width of [24, 40, 80]) {
      const text = formatTable(rows, colored, { isTerminal: true, columns: width, env: {} })
      expect(stripVTControlCharacters(text)).toBe(formatTable(rows, columns, terminal(width)))
      expect(text).toMatch(new RegExp(`${startOf('green')} *1000`))
      expect(text).toMatch(new RegExp(`${startOf('red')} *12`))
    }
    expect(formatTable(rows, colored, { ...piped, env: {} })).toBe(formatTable(rows, columns, piped))
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

  it('wraps a long value beside its label on a terminal', () => {
    expect(
      formatFacts(
        [
          ['because', 'the supplier has changed its price'],
          ['run', 'run_1'],
        ],
        terminal(30),
      ),
    ).toBe(['because  the supplier has', '         changed its price', 'run      run_1'].join('\n'))
  })
})
