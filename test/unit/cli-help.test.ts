import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { displayWidth } from '../../src/cli/terminal/text-width.js'
import { createSilentProgram, everyCommand, pathOf } from '../helpers/cli-tree.js'

function findCommand(program: Command, path: string): Command {
  const found = everyCommand(program).find((command) => pathOf(command) === path)
  if (found === undefined) throw new Error(`there is no ${path}`)
  return found
}

function helpOf(path: string): string {
  const { program, written } = createSilentProgram()
  findCommand(program, path).outputHelp()
  return written.join('')
}

/** The example lines of a help text; one that ends in a backslash goes on in the next, as for a shell. */
function examplesOf(help: string): string[] {
  const from = help.search(/^Examples?:$/m)
  if (from === -1) return []
  return help
    .slice(from)
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .flatMap((line) => line.trim().split(' && '))
}

/** The words of an example as a shell gives them to the program: without what stands before it, and without a comment. */
function wordsOf(example: string): string[] {
  const call = example
    .slice(example.search(/\brestock /))
    .replace(/\$\(.*?\)/g, 'x')
    .replace(/ {2,}#.*$/, '')
    .replace(/ [|>].*$/, '')
  return [...call.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .slice(1)
}

/** What was invoked with these words, if all of them make sense; nothing is done. */
async function parse(words: readonly string[]): Promise<string> {
  const { program, written } = createSilentProgram()
  let invoked = ''
  for (const command of everyCommand(program)) {
    command.action(() => {
      invoked = pathOf(command)
    })
  }
  await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
    throw new Error(`${words.join(' ')}: ${String(error)} ${written.join('')}`)
  })
  return invoked
}

const paths = everyCommand(createSilentProgram().program).map(pathOf)

describe('the help of every command', () => {
  it('is looked at', () => {
    expect(paths).toContain('restock')
    expect(paths).toContain('restock orders receive')
    expect(paths.length).toBeGreaterThan(60)
  })

  it.each(paths)('%s: fits 80 columns and says what it does', (path) => {
    const help = helpOf(path)
    const tooWide = help.split('\n').filter((line) => displayWidth(line) > 80)
    expect(tooWide).toEqual([])
    expect(help).toMatch(/^Usage: .*\n\n[A-Z][^.]*[.:]/)
  })

  it.each(paths)('%s: describes each argument and option', (path) => {
    const command = findCommand(createSilentProgram().program, path)
    const bare = [...command.registeredArguments, ...command.options].filter(
      ({ description }) => (description ?? '') === '',
    )
    expect(bare.map((each) => ('flags' in each ? each.flags : each.name()))).toEqual([])
  })

  it.each(paths)('%s: has an example that the parser takes for it', async (path) => {
    const examples = examplesOf(helpOf(path))
    expect(examples).not.toEqual([])
    const invoked = []
    for (const example of examples) {
      expect(example).toContain('restock')
      invoked.push(await parse(wordsOf(example)))
    }
    expect(invoked.some((each) => each === path || each.startsWith(`${path} `))).toBe(true)
  })
})

describe('the parser that examples are held against', () => {
  it.each([
    ['orders', 'aprove', 'ord_1'],
    ['orders', 'list', '--staus', 'unknown'],
    ['orders', 'list', '--status', 'lost'],
    ['items', 'count', 'Rice'],
    ['items', 'add', 'Rice'],
  ])('refuses what is wrong: %s %s %s %s', async (...words) => {
    await expect(parse(words)).rejects.toThrow()
  })
})
