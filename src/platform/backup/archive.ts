/**
 * The file of a backup: gzipped text, a line each. First the header, then for each table its name and columns, its rows and its
 * end, then the footer with a checksum over every line before it. A row is a JSON string that holds what PostgreSQL writes for
 * `row(…)::text`, which loses nothing whatever the types are.
 */
import { z } from 'zod'
import { InputError } from '../errors.js'

export const archiveFormat = 'restock-backup'
/** Raised when a file of today can't be read any more. */
export const archiveVersion = 1

export const headerSchema = z.object({
  format: z.literal(archiveFormat),
  version: z.int(),
  /** Of Restock. */
  program: z.string(),
  createdAt: z.iso.datetime(),
  postgres: z.string(),
  /** By schema: the migrations that it has had, in order. */
  migrations: z.record(z.string(), z.array(z.string())),
})
export type ArchiveHeader = Readonly<z.infer<typeof headerSchema>>

export const tableSchema = z.object({ table: z.string(), columns: z.array(z.string()) })
export type ArchiveTable = Readonly<z.infer<typeof tableSchema>>

export const tableEndSchema = z.object({ end: z.string(), rows: z.int() })

export const footerSchema = z.object({
  complete: z.literal(true),
  tables: z.int(),
  rows: z.int(),
  /** By qualified name: the last value that was given out. */
  sequences: z.record(z.string(), z.string()),
  sha256: z.string(),
})
export type ArchiveFooter = Readonly<z.infer<typeof footerSchema>>

/** The file is not one of ours, not whole, or not as it was written. Nothing was changed. */
export function damaged(file: string, what: string): InputError {
  return new InputError(
    `${file} is no backup that can be restored: ${what}. Nothing was changed; use another backup.`,
    'backup_unusable',
  )
}
