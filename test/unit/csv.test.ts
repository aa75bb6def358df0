import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cleanText,
  csvProblem,
  decimal,
  gtin,
  integer,
  money,
  oneOf,
  quantity,
  readCsv,
  required,
  text,
  writeCsv,
} from '../../src/platform/csv.js'
import { InputError } from '../../src/platform/errors.js'

const columns = {
  name: required(text({ maxLength: 40 })),
  unit: required(oneOf(['pcs', 'kg', 'g', 'l'])),
  on_hand: quantity({ min: 0 }),
  price: money({}),
  packs: integer({ min: 1 }),
  tax_rate: decimal({ maxDecimals: 4, min: 0, max: 1 }),
  gtin: gtin(),
  notes: text({ maxLength: 200, multiline: true }),
}

const utf8 = (content: string) => new TextEncoder().encode(content)
const read = (content: string | Uint8Array) =>
  readCsv(typeof content === 'string' ? utf8(content) : content, 'items.csv', columns)

function problem(content: string | Uint8Array): string {
  try {
    read(content)
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as InputError).message
  }
  throw new Error('nothing was refused')
}

describe('readCsv', () => {
  it('gives typed values in any column order, null for blank cells and absent columns', () => {
    const file = read('unit, NAME ,On_Hand,price\nKG, Flour ,2.50,0.890\npcs,Cups,,\n')
    expect(file.rows).toEqual([
      {
        line: 2,
        values: {
          name: 'Flour',
          unit: 'kg',
          on_hand: 2.5,
          price: '0.89',
          packs: null,
          tax_rate: null,
          gtin: null,
          notes: null,
        },
      },
      {
        line: 3,
        values: {
          name: 'Cups',
          unit: 'pcs',
          on_hand: null,
          price: null,
          packs: null,
          tax_rate: null,
          gtin: null,
          notes: null,
        },
      },
    ])
    expect([...file.columns]).toEqual(['unit', 'name', 'on_hand', 'price'])
  })

  it('reads ";" with decimal commas, a BOM and Windows line ends', () => {
    const file = read('\ufeffname;unit;on_hand;price;tax_rate\r\nMilch;l;2,5;1.05;0,07\r\n')
    expect(file.rows[0]?.values).toMatchObject({ name: 'Milch', on_hand: 2.5, price: '1.05', tax_rate: '0.07' })
  })

  it('skips the hint that Excel writes, blank lines and lines of separators, and counts lines all the same', () => {
    const file = read('sep=;\n\nname;unit\n\nMilk;l\n;\nTea;g;\n\n')
    expect(file.rows.map((row) => [row.line, row.values.name])).toEqual([
      [5, 'Milk'],
      [7, 'Tea'],
    ])
  })

  it.each(['\n', '\r\n', '\r'])('keeps line numbers right over quoted line breaks (%j)', (end) => {
    const content = ['name,unit,notes', 'Milk,l,"one', '', 'three"', 'Tea,g,', 'Salt,stone,'].join(end)
    expect(problem(content)).toMatch(/^items\.csv, line 6, column unit: "stone" is not possible here/)
    const file = read(content.replace('stone', 'g'))
    expect(file.rows[0]).toMatchObject({ line: 2, values: { notes: 'one\n\nthree' } })
  })

  it('keeps line numbers right where line ends are mixed', () => {
    const file = read('name,unit,notes\nMilk,l,"a\r\nb"\nTea,g,\n')
    expect(file.rows.map((row) => row.line)).toEqual([2, 4])
  })

  it('cleans text: NFC, trimmed, no control characters, one line unless the column has more', () => {
    const file = read('name,unit,notes\n"  Cafe\u0301\u0000 \n beans\u0007 ",g,"a\tb\nc\u001b[31m"\n')
    expect(file.rows[0]?.values).toMatchObject({ name: 'Café beans', notes: 'a\tb\nc[31m' })
  })

  it('takes a file of several thousand rows and texts with separators and quotes', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `"Tea ""No. ${index}"", loose; fine",g,${index}`)
    const file = read(`name,unit,on_hand\n${many.join('\n')}`)
    expect(file.rows).toHaveLength(5000)
    expect(file.rows.at(-1)).toMatchObject({
      line: 5001,
      values: { name: 'Tea "No. 4999", loose; fine', on_hand: 4999 },
    })
  })
})

describe('readCsv refuses, in one sentence', () => {
  it.each<[string, string | Uint8Array, string | RegExp]>([
    ['an empty file', '', /^items\.csv is empty; its first line must name the columns: name, unit, /],
    ['blank lines only', '\ufeff\n \n', /^items\.csv is empty/],
    ['a header only', 'name,unit\n\n', 'items.csv has a header but no rows; add at least one'],
    [
      'no header',
      'Milk,l,3\nTea,g,4\n',
      /^items\.csv, line 1: no header row found; the first line must name the columns \(name, unit,/,
    ],
    ['tabs', 'name\tunit\nMilk\tl\n', /line 1: no header row found; separate the columns by "," or ";", not by tabs/],
    [
      'an unknown column that is close',
      'name,unit,On Hand\nMilk,l,3\n',
      'items.csv, line 1: unknown column "On Hand"; did you mean on_hand?',
    ],
    [
      'an unknown column',
      'name,unit,colour\nMilk,l,3\n',
      /^items\.csv, line 1: unknown column "colour"; the columns are name, unit, on_hand/,
    ],
    [
      'control characters, without repeating them',
      'name,unit,"col\u001b[2J\nour"\nMilk,l,3\n',
      /unknown column "col \[2J our"/,
    ],
    ['a long number', `name,unit,on_hand\nMilk,l,${'9'.repeat(500)}x\n`, /column on_hand: "9{40}…" is not a number/],
    ['a column given twice', 'name,unit,Name\nMilk,l,3\n', 'items.csv, line 1: column name is there twice; remove one'],
    ['a missing column', 'name,on_hand\nMilk,3\n', 'items.csv, line 1: column unit missing; add it to the header'],
    ['missing columns', 'on_hand\n3\n', 'items.csv, line 1: columns name, unit missing; add them to the header'],
    [
      'a blank cell that must be filled',
      'name,unit\nMilk,l\n" ",l\n',
      'items.csv, line 3, column name: is blank; fill it in',
    ],
    [
      'a bad number',
      'name,unit,on_hand\nMilk,l,lots\n',
      'items.csv, line 2, column on_hand: "lots" is not a number; write digits such as 12.5',
    ],
    [
      'a negative number',
      'name,unit,on_hand\nMilk,l,-1\n',
      'items.csv, line 2, column on_hand: "-1" is too small; it must be at least 0',
    ],
    [
      'a decimal comma between commas',
      'name,unit,price\nMilk,l,"1,05"\n',
      /line 2, column price: "1,05" is not a number; write it with one decimal sign/,
    ],
    [
      'a thousands point between semicolons',
      'name;unit;price\nMilk;l;1.050\n',
      /line 2, column price: "1\.050" may mean a thousand/,
    ],
    [
      'a fraction of a pack',
      'name,unit,packs\nMilk,l,1.5\n',
      'items.csv, line 2, column packs: "1.5" is not a whole number',
    ],
    [
      'a rate in percent',
      'name,unit,tax_rate\nMilk,l,19\n',
      'items.csv, line 2, column tax_rate: "19" is too large; it must be at most 1',
    ],
    [
      'a word that is close',
      'name,unit\nMilk,pc\n',
      'items.csv, line 2, column unit: "pc" is not possible here; did you mean pcs?',
    ],
    [
      'a text that is too long',
      `name,unit\n${'ä'.repeat(41)},l\n`,
      'items.csv, line 2, column name: has 41 characters; shorten it to at most 40',
    ],
    [
      'a wrong check digit',
      'name,unit,gtin\nMilk,l,4006381333932\n',
      /line 2, column gtin: .* its last digit would have to be 1/,
    ],
    [
      'too many cells',
      'name,unit\nMilk, fresh,l\n',
      'items.csv, line 2: 3 cells, but the header names 2; put text that holds the separator in quotes',
    ],
    ['too few cells', 'name,unit,on_hand\nMilk,l\n', /^items\.csv, line 2: 2 cells, but the header names 3/],
    [
      'a value under no name',
      'name,unit,\nMilk,l,7\n',
      'items.csv, line 2: cell 3 has a value but its column has no name in the header',
    ],
    ['a stray quote', 'name,unit\nMilk,l\n8" lid,pcs\n', /^items\.csv, line 3: a quote \("\) stands inside a cell/],
    [
      'text after a closing quote',
      'name,unit\n"8" lid,pcs\n',
      /^items\.csv, line 2: a quote \("\) stands inside a cell/,
    ],
    [
      'an open quote',
      'name,unit\nMilk,l\n"Tea,g\nSalt,g\n',
      'items.csv, line 3: a quote (") is opened but never closed; close it or remove it',
    ],
    [
      'UTF-16 with a BOM',
      new Uint8Array(Buffer.from('\ufeffname,unit\nMilk,l\n', 'utf16le')),
      /^items\.csv is in UTF-16, not in UTF-8; save it as "CSV UTF-8"/,
    ],
    ['UTF-16 without a BOM', new Uint8Array(Buffer.from('name,unit\nMilk,l\n', 'utf16le')), /^items\.csv is in UTF-16/],
    [
      'Latin-1',
      new Uint8Array(Buffer.from('name,unit\nMilk,l\nCafé,g\n', 'latin1')),
      /^items\.csv, line 3: not in UTF-8; save it as "CSV UTF-8"/,
    ],
    [
      'a spreadsheet',
      new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]),
      /^items\.csv is a spreadsheet or zip file, not CSV text/,
    ],
  ])('%s', (_, content, message) => {
    const found = problem(content)
    if (typeof message === 'string') expect(found).toBe(message)
    else expect(found).toMatch(message)
    expect(found).not.toContain('\n')
  })

  it('tells the first problem and counts the others', () => {
    expect(problem('name,unit,on_hand\nMilk,l,x\nTea,tons,-3\nSalt,g,1\n')).toBe(
      'items.csv, line 2, column on_hand: "x" is not a number; write digits such as 12.5 (and 2 more problems)',
    )
  })

  it('words what only an importer can find the same way', () => {
    expect(csvProblem('catalog.csv', 7, 'supplier', 'there is no supplier "acme"').message).toBe(
      'catalog.csv, line 7, column supplier: there is no supplier "acme"',
    )
  })

  it('lets mistakes in a parser itself through', () => {
    const broken = {
      name: {
        required: true,
        parse: () => {
          throw new TypeError('bug')
        },
      },
    }
    expect(() => readCsv(utf8('name\nMilk\n'), 'items.csv', broken)).toThrow(TypeError)
  })
})

describe('gtin columns', () => {
  it.each([
    ['4006381333931', '4006381333931'],
    ['036000291452', '0036000291452'],
    ['0036000291452', '0036000291452'],
    ['00036000291452', '0036000291452'],
    ['96385074', '96385074'],
    ['00000096385074', '96385074'],
    ['10614141000415', '10614141000415'],
    ['400-6381 333931', '4006381333931'],
  ])('%s is kept as %s', (written, kept) => {
    expect(read(`name,unit,gtin\nMilk,l,${written}\n`).rows[0]?.values.gtin).toBe(kept)
  })

  it('explains a number that a spreadsheet has rounded', () => {
    expect(problem('name,unit,gtin\nMilk,l,4.00638E+12\n')).toContain('format the column as text')
    expect(problem('name,unit,gtin\nMilk,l,1234567\n')).toContain('it needs 8, 12, 13 or 14 digits')
  })
})

describe('writeCsv', () => {
  it('quotes what needs quotes and nothing else', () => {
    expect(
      writeCsv(
        ['name', 'price', 'stock'],
        [
          ['Tea, "fine"', '1.50', null],
          ['plain', 2.5, 0],
        ],
      ),
    ).toBe('name,price,stock\n"Tea, ""fine""",1.50,\nplain,2.5,0\n')
    expect(() => writeCsv(['n'], [[Number.NaN]])).toThrow(RangeError)
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+cmd|calc', "'+cmd|calc"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-2+3', "'-2+3"],
    ['＝1', "'＝1"],
    ["'=1", "''=1"],
    ["'+5", "''+5"],
    // No formulas: numbers, and an apostrophe before anything else.
    ['-5', '-5'],
    ['+49', '+49'],
    ['-1,5', '"-1,5"'],
    ["'tis", "'tis"],
    ['a=1', 'a=1'],
  ])('marks what a spreadsheet would run, and readCsv takes the mark off: %s', (value, cell) => {
    const content = writeCsv(['name', 'unit', 'notes'], [['n', 'kg', value]])
    expect(content).toBe(`name,unit,notes\nn,kg,${cell}\n`)
    expect(read(content).rows[0]?.values.notes).toBe(value)
  })

  it('writes what readCsv reads back the same', () => {
    const awkward = fc.string({
      unit: fc.constantFrom('a', 'é', '"', ',', ';', '\n', "'", '=', '+', '-', '@', ' ', '|', '😀'),
    })
    // Blanks at either end don't count, so they aren't there.
    const note = fc.tuple(awkward, fc.constantFrom('x', '')).map(([value, end]) => {
      const clean = cleanText(`${value}${end}`, true)
      return clean === '' ? 'x' : clean
    })
    const number = fc.integer({ min: 0, max: 1e9 }).map((thousandths) => thousandths / 1000)
    fc.assert(
      fc.property(fc.array(fc.tuple(note, fc.option(number)), { minLength: 1, maxLength: 8 }), (rows) => {
        const content = writeCsv(
          ['name', 'unit', 'on_hand', 'notes'],
          rows.map(([notes, onHand]) => ['n', 'kg', onHand, notes]),
        )
        expect(read(content).rows.map(({ values }) => [values.notes, values.on_hand])).toEqual(rows)
      }),
    )
  })
})
