import { describe, expect, it } from 'vitest'
import { createProgress, type Progress } from '../../src/cli/terminal/progress.js'

const erase = '\r\u001B[K'

/** A terminal of one line, and a clock that a test moves. */
function open(columns = 40) {
  let now = 0
  const ticks = new Set<() => void>()
  let line = ''
  let written = ''
  const progress: Progress = createProgress({
    columns,
    write: (text) => {
      written += text
      line = text.includes(erase) ? text.slice(text.lastIndexOf(erase) + erase.length) : line + text
    },
    clock: {
      now: () => now,
      every: (_ms, work) => {
        ticks.add(work)
        return () => ticks.delete(work)
      },
    },
  })
  return {
    progress,
    line: () => line.replace(/^[-\\|/] /, ''),
    written: () => written,
    ticking: () => ticks.size,
    pass: (ms: number) => {
      now += ms
      for (const tick of ticks) tick()
    },
  }
}

describe('the line that says what is being waited for', () => {
  it('says nothing of what takes less than a second', async () => {
    const { progress, pass, written } = open()
    expect(await progress.during('Starting the database…', async () => pass(999))).toBeUndefined()
    expect(written()).toBe('')
  })

  it('is there after a second, counts, and is gone at the end', async () => {
    const { progress, pass, line, written, ticking } = open()
    const answer = await progress.during('Starting the database…', async () => {
      pass(1_000)
      expect(line()).toBe('Starting the database…')
      pass(2_500)
      expect(line()).toBe('Starting the database… 3 s')
      return 'done'
    })
    expect(answer).toBe('done')
    expect(line()).toBe('')
    expect(written().endsWith(erase)).toBe(true)
    expect(ticking(), 'it ticks no more').toBe(0)
  })

  it('is gone when the work fails', async () => {
    const { progress, pass, line, ticking } = open()
    const work = progress.during('Importing…', async () => {
      pass(5_000)
      expect(line()).not.toBe('')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect([line(), ticking()]).toEqual(['', 0])
  })

  it('shows the innermost of several, and counts the second from the first on', async () => {
    const { progress, pass, line } = open()
    await progress.during('Restoring…', async () => {
      pass(600)
      await progress.during('Reading the file…', async () => {
        pass(500)
        expect(line()).toBe('Reading the file…')
      })
      pass(1)
      expect(line()).toBe('Restoring…')
    })
    expect(line()).toBe('')
  })

  it('makes way for what is written meanwhile and comes back', async () => {
    const { progress, pass, line } = open()
    await progress.during('Waiting…', async () => {
      pass(1_500)
      progress.clear()
      expect(line()).toBe('')
      pass(120)
      expect(line()).toBe('Waiting…')
    })
  })

  it('asks again for text that changes, at once if it shall', async () => {
    const { progress, pass, line } = open()
    let calls = 0
    const text = () => `${calls} calls`
    await progress.during(
      text,
      async () => {
        pass(120)
        expect(line()).toBe('0 calls')
        calls = 2
        pass(9_000)
        expect(line()).toBe('2 calls')
      },
      { afterMs: 0 },
    )
  })

  it('never wraps', async () => {
    const { progress, pass, written } = open(12)
    await progress.during('Something that is longer than that', async () => pass(2_000))
    const [, shown = ''] = written().split(erase)
    expect(shown.length).toBeLessThan(12)
    expect(shown).toMatch(/…$/)
  })
})
