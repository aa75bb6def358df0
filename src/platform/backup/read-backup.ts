import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { isExpectedError } from '../errors.js'
import { describeFolderError, errorCode } from '../folder-errors.js'
import {
  type ArchiveFooter,
  type ArchiveHeader,
  type ArchiveTable,
  archiveFormat,
  archiveVersion,
  damaged,
  footerSchema,
  headerSchema,
  tableEndSchema,
  tableSchema,
} from './archive.js'

export interface BackupReader {
  readonly header: (header: ArchiveHeader) => Promise<void>
  readonly table: (table: ArchiveTable) => Promise<void>
  /** What PostgreSQL wrote for `row(…)::text`. */
  readonly row: (line: string) => Promise<void>
  readonly tableEnd: () => Promise<void>
}

/** A line longer than any row that PostgreSQL could have given. */
const maxLineLength = 1_100_000_000

/**
 * Reads a backup from beginning to end, a line at a time, and checks that it is whole and as it was written. Throws InputError
 * with one sentence when it isn't; the reader has then been told of a part, which is worth nothing.
 */
export async function readBackup(file: string, reader: Partial<BackupReader> = {}): Promise<ArchiveFooter> {
  const hash = createHash('sha256')
  let header: ArchiveHeader | undefined
  let table: ArchiveTable | undefined
  let footer: ArchiveFooter | undefined
  let tables = 0
  let rows = 0
  let rowsOfTable = 0

  const takeRow = async (line: string) => {
    if (table === undefined) throw damaged(file, 'a row stands outside of its table')
    rows += 1
    rowsOfTable += 1
    await reader.row?.(parse(file, line) as string)
  }
  const takeNote = async (line: string) => {
    const note = parse(file, line)
    if (header === undefined) {
      header = readHeader(file, note)
      await reader.header?.(header)
      return
    }
    const begun = tableSchema.safeParse(note)
    if (begun.success && table === undefined) {
      table = begun.data
      tables += 1
      rowsOfTable = 0
      await reader.table?.(table)
      return
    }
    const ended = tableEndSchema.safeParse(note)
    if (ended.success && table?.table === ended.data.end && ended.data.rows === rowsOfTable) {
      table = undefined
      await reader.tableEnd?.()
      return
    }
    const closing = footerSchema.safeParse(note)
    const isRight =
      closing.success && table === undefined && closing.data.rows === rows && closing.data.tables === tables
    if (!isRight || closing.data.sha256 !== hash.copy().digest('hex')) {
      throw damaged(file, 'its content is not what was written, so it was damaged or changed since')
    }
    footer = closing.data
  }

  for await (const line of linesOf(file)) {
    if (footer !== undefined) throw damaged(file, 'something was added at its end')
    await (line.startsWith('"') ? takeRow(line) : takeNote(line))
    hash.update(`${line}\n`)
  }
  if (header === undefined) throw damaged(file, 'it is empty')
  if (footer === undefined) throw damaged(file, 'its end is missing, so it was not written or copied completely')
  return footer
}

function readHeader(file: string, note: unknown): ArchiveHeader {
  const isOurs = typeof note === 'object' && note !== null && 'format' in note && note.format === archiveFormat
  if (!isOurs) throw damaged(file, 'it was not written by `restock backup`')
  if (!('version' in note) || note.version !== archiveVersion) {
    throw damaged(file, 'it was written by another version of Restock whose files this one does not read')
  }
  const parsed = headerSchema.safeParse(note)
  if (!parsed.success) throw damaged(file, 'its beginning makes no sense')
  return parsed.data
}

function parse(file: string, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw damaged(file, 'it was not written by `restock backup`, or was damaged since')
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  const text = createGunzip()
  source.on('error', (error) => text.destroy(error))
  text.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of source.pipe(text) as AsyncIterable<string>) {
      const lines = chunk.split('\n')
      lines[0] = rest + lines[0]
      rest = lines.pop() ?? ''
      if (rest.length > maxLineLength) throw damaged(file, 'it has a line that no backup has')
      yield* lines
    }
    if (rest !== '') throw damaged(file, 'its end is missing, so it was not written or copied completely')
  } catch (error) {
    throw describe(file, error)
  } finally {
    source.destroy()
    text.destroy()
  }
}

function describe(file: string, error: unknown): unknown {
  if (isExpectedError(error)) return error
  const code = errorCode(error)
  if (code === 'ENOENT') return damaged(file, 'there is no such file')
  if (code === 'EISDIR') return damaged(file, 'it is a folder')
  if (code === 'Z_BUF_ERROR') return damaged(file, 'its end is missing, so it was not written or copied completely')
  if (code?.startsWith('Z_')) return damaged(file, 'it was not written by `restock backup`, or was damaged since')
  return describeFolderError(error, file, 'backup', 'copy it to where it can be read')
}
