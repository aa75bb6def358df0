import { describe, expect, it } from 'vitest'
import { parsePostmasterFile } from '../../src/platform/embedded-postgres/postmaster-file.js'
import { lastMeaningfulLine } from '../../src/platform/embedded-postgres/server-log.js'
import { InputError, UnavailableError } from '../../src/platform/errors.js'
import { describeFolderError } from '../../src/platform/folder-errors.js'

describe('postmaster.pid', () => {
  it.each([
    [
      'a server at work',
      '4212\n/x/data\n1795378431\n55492\n\n127.0.0.1\n  9986063     32774\nready   \n',
      { pid: 4212, port: 55492, status: 'ready' },
    ],
    [
      'one that stops',
      '4212\n/x/data\n1795378431\n55492\n\n127.0.0.1\n  9986063     32774\nstopping\n',
      { pid: 4212, port: 55492, status: 'stopping' },
    ],
    ['one that only begins', '17\n/x/data\n1795378431\n', { pid: 17, port: undefined, status: '' }],
    ['an empty file', '', undefined],
    ['a backend run by hand', '-17\n/x/data\n1795378431\n', undefined],
    ['nonsense', 'no number\n', undefined],
  ])('reads %s', (_, text, expected) => {
    expect(parsePostmasterFile(text)).toEqual(expected)
  })
})

describe('the line of the log that tells why', () => {
  const at = '2026-11-22 20:13:43.619 UTC [4174]'
  it.each([
    [
      'the last complaint, not its hint or the farewell',
      `${at} LOG:  starting PostgreSQL\n${at} FATAL:  lock file "postmaster.pid" already exists\n${at} HINT:  Is another one running?\n${at} LOG:  database system is shut down\n`,
      'lock file "postmaster.pid" already exists',
    ],
    [
      'a complaint from before the log has time stamps',
      'postgres: could not access directory "/x": Permission denied\n',
      'postgres: could not access directory "/x": Permission denied',
    ],
    [
      'a PANIC after an ERROR',
      `${at} ERROR:  first\n${at} PANIC:  could not write to file: No space left on device\n`,
      'could not write to file: No space left on device',
    ],
    [
      'the last remark when nothing complained',
      `${at} LOG:  listening\n${at} LOG:  redo starts\n${at} LOG:  database system is shut down\n`,
      'redo starts',
    ],
    ['nothing in an empty log', '\n \n', undefined],
  ])('is %s', (_, log, expected) => {
    expect(lastMeaningfulLine(log)).toBe(expected)
  })
})

describe('what the file system refuses', () => {
  const refusal = (code: string): Error => Object.assign(new Error(`${code}: no`), { code })

  it.each([
    ['ENOSPC', UnavailableError, 'The disk that holds the data folder /x is full: free some space, or go elsewhere.'],
    ['EROFS', UnavailableError, 'The data folder /x is on a read-only disk: mount it writable, or go elsewhere.'],
    [
      'ENOTDIR',
      InputError,
      'The data folder /x is not a folder: move away the file that is in its place, or go elsewhere.',
    ],
  ])('becomes one sentence for %s', (code, kind, sentence) => {
    const error = describeFolderError(refusal(code), '/x', 'data folder', 'go elsewhere')
    expect(error).toBeInstanceOf(kind)
    expect(error).toHaveProperty('message', sentence)
  })

  it('leaves alone what it knows nothing of', () => {
    const error = refusal('ECONNRESET')
    expect(describeFolderError(error, '/x', 'data folder', 'go elsewhere')).toBe(error)
  })
})
