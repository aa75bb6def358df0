import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { InputError } from '../platform/errors.js'
import { errorCode } from '../platform/folder-errors.js'

export interface ReadFileOptions {
  readonly cwd: string
  /** What `-` reads. */
  readonly stdin?: Readable
}

export interface ReadFile {
  readonly bytes: Uint8Array
  /** As the person named it, for messages. */
  readonly fileName: string
}

const maxBytes = 50 * 1024 * 1024

/** Reads a file that was named on the command line; `-` is stdin. Throws InputError with what is wrong with it. */
export async function readNamedFile(path: string, options: ReadFileOptions): Promise<ReadFile> {
  if (path === '-') return { bytes: await readAll(options.stdin ?? process.stdin, 'stdin'), fileName: 'stdin' }
  const absolute = resolve(options.cwd, path)
  try {
    const found = await stat(absolute)
    if (found.size > maxBytes) throw tooLarge(path)
    // A pipe or a device says nothing of how much is in it.
    const isStream = !found.isFile() && !found.isDirectory()
    const bytes = isStream ? await readAll(createReadStream(absolute), path) : await readFile(absolute)
    return { bytes, fileName: path }
  } catch (error) {
    throw describe(error, path)
  }
}

async function readAll(stream: Readable, name: string): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxBytes) throw tooLarge(name)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function tooLarge(path: string): InputError {
  return new InputError(`${path} is larger than ${maxBytes / 1024 / 1024} MB; split it into several files.`)
}

function describe(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError(`There is no file ${path}; check the name and the folder you are in.`)
    case 'EISDIR':
      return new InputError(`${path} is a folder; name a file in it.`)
    case 'EACCES':
    case 'EPERM':
      return new InputError(`${path} can't be read; you lack the permission for it.`)
    default:
      return error
  }
}
