import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createAsker } from '../../src/cli/ask.js'
import { InputError } from '../../src/platform/errors.js'

function open(typed: string) {
  const input = new PassThrough()
  const output = new PassThrough()
  input.end(typed)
  return { asker: createAsker(input, output), shown: () => String(output.read() ?? '') }
}

const digits = (answer: string) => {
  if (!/^\d+$/.test(answer)) throw new InputError(`"${answer}" is not a number.`)
  return Number(answer)
}

describe('createAsker', () => {
  it('takes answers in their order, also those typed ahead, and the preset for an empty one', async () => {
    const { asker, shown } = open('cafe\n\n7\n')
    expect(await asker.ask({ text: 'List', read: (answer) => answer })).toBe('cafe')
    expect(await asker.ask({ text: 'Currency', preset: 'EUR', read: (answer) => answer })).toBe('EUR')
    expect(await asker.ask({ text: 'Days', read: digits })).toBe(7)
    asker.close()
    expect(shown()).toContain('Currency [EUR]: ')
  })

  it('asks again, with the reason, until the answer can be used', async () => {
    const { asker, shown } = open('many\n\n12\n')
    expect(await asker.ask({ text: 'Days', read: digits })).toBe(12)
    asker.close()
    expect(shown()).toContain('"many" is not a number.')
  })

  it('gives up when there is nobody to answer', async () => {
    const { asker } = open('many\n')
    await expect(asker.ask({ text: 'Days', read: digits })).rejects.toBeInstanceOf(InputError)
    asker.close()
  })
})
