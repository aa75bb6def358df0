import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

export const serverLogName = 'server.log'
const rotateAtBytes = 1_048_576

export function serverLogPath(home: string): string {
  return join(home, serverLogName)
}

/** Before a start: a log that has grown becomes `server.log.old`, in place of the last one. Returns the size of what stays. */
export async function rotateServerLog(home: string): Promise<number> {
  const path = serverLogPath(home)
  const size = await sizeOf(path)
  if (size < rotateAtBytes) return size
  await rename(path, `${path}.old`)
  return 0
}

/** What the server wrote after `offset`, its last 64 KB. */
export async function readServerLog(home: string, offset: number): Promise<string> {
  const path = serverLogPath(home)
  const size = await sizeOf(path)
  const start = Math.max(offset, size - 65_536)
  if (size <= start) return ''
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const severity = /^(?:\d{4}-\d\d-\d\d .*?\[\d+\] )?([A-Z0-9]+):\s+(.*)$/
const complaints = new Set(['PANIC', 'FATAL', 'ERROR'])

/**
 * The line that tells why a server didn't start: the last complaint, else the last line that isn't a hint or a farewell.
 * Without time stamp and severity; undefined when there is nothing to tell.
 */
export function lastMeaningfulLine(log: string): string | undefined {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, level, text] = severity.exec(line) ?? []
      return { level: level ?? '', text: text ?? line }
    })
  const complaint = lines.findLast(({ level }) => complaints.has(level))
  const remark = lines.findLast(
    ({ level, text }) =>
      !['HINT', 'DETAIL', 'CONTEXT', 'STATEMENT'].includes(level) && !text.startsWith('database system is shut down'),
  )
  return (complaint ?? remark)?.text
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}
