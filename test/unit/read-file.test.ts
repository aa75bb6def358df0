import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readNamedFile } from '../../src/cli/read-file.js'
import { InputError } from '../../src/platform/errors.js'

describe('readNamedFile', () => {
  it('reads a file beside the person, and calls it as the person did', async () => {
    const { bytes, fileName } = await readNamedFile('read-file.test.ts', { cwd: import.meta.dirname })
    expect(Buffer.from(bytes).toString()).toContain('readNamedFile')
    expect(fileName).toBe('read-file.test.ts')
  })

  it('reads stdin for -', async () => {
    const stdin = Readable.from([Buffer.from('na'), Buffer.from('me\n')])
    const { bytes, fileName } = await readNamedFile('-', { cwd: '/', stdin })
    expect([Buffer.from(bytes).toString(), fileName]).toEqual(['name\n', 'stdin'])
  })

  it.each([
    ['nowhere.csv', /no file nowhere\.csv/],
    ['.', /is a folder/],
    ['read-file.test.ts/x', /no file/],
  ])('refuses %s in one sentence', async (path, message) => {
    const read = readNamedFile(path, { cwd: import.meta.dirname })
    await expect(read).rejects.toBeInstanceOf(InputError)
    await expect(read).rejects.toThrow(message)
  })
})
