import { afterEach, describe, expect, it } from 'vitest'
import { createTestCli, type TestCliOptions } from '../helpers/run-cli.js'

const opened: { remove(): void }[] = []

afterEach(() => {
  for (const cli of opened.splice(0)) cli.remove()
})

async function run(line: string, options: TestCliOptions = {}) {
  const cli = createTestCli(options)
  opened.push(cli)
  return cli.run(...line.split(' '))
}

describe('what is mistyped', () => {
  it.each([
    ['order list', 'There is no command "restock order"; did you mean `restock orders`?'],
    ['itmes list', 'There is no command "restock itmes"; did you mean `restock items`?'],
    ['ordes', 'There is no command "restock ordes"; did you mean `restock orders`?'],
    ['runs sohw latest', 'There is no command "restock runs sohw"; did you mean `restock runs show`?'],
    ['runs --limit 3 shw', 'There is no command "restock runs shw"; did you mean `restock runs show`?'],
    ['config aply', 'There is no command "restock config aply"; did you mean `restock config apply`?'],
    ['items lst --due', 'There is no command "restock items lst"; did you mean `restock items list`?'],
    ['approve ord_1', 'There is no command "restock approve"; did you mean `restock orders approve`?'],
    ['pause cafe', 'There is no command "restock pause"; did you mean `restock schedule pause`?'],
    [
      'remove x',
      'There is no command "restock remove"; did you mean `restock schedule remove` or `restock tokens remove`?',
    ],
    ['orders frobnicate', 'There is no command "restock orders frobnicate"; `restock orders --help` lists them all.'],
    ['runs --limt 3', "unknown option '--limt'; did you mean --limit?"],
    ['runs --bogus', "unknown option '--bogus'."],
    ['--jsn', "unknown option '--jsn'; did you mean --json?"],
    ['itmes list --due', 'There is no command "restock itmes"; did you mean `restock items`?'],
    ['runs sohw --bogus', 'There is no command "restock runs sohw"; did you mean `restock runs show`?'],
    ['orders list --jsn', "unknown option '--jsn'; did you mean --json?"],
    ['runs show', "missing required argument 'id'."],
    ['items list Rice', "too many arguments for 'list'. Expected 0 arguments but got 1."],
    [
      'runs --status faild',
      '--status: "faild" is not possible; did you mean failed? Else write one of pending, running, completed, failed, skipped.',
    ],
    ['tokens add x --scope aprove', '--scope: "aprove" is not one of read, run, approve, admin; did you mean approve?'],
    ['audit --result x', '--result: "x" is not possible; write one of done, refused, failed.'],
  ])('restock %s', async (line, sentence) => {
    const { stdout, stderr, exitCode } = await run(line)
    expect(stderr).toBe(`restock: ${sentence}\n`)
    expect(stdout).toBe('')
    expect(exitCode).toBe(2)
  })

  it('is said in one sentence to programs too', async () => {
    const { stdout, stderr, exitCode } = await run('runs sohw --json')
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 })
    expect(stderr).toBe('restock: There is no command "restock runs sohw"; did you mean `restock runs show`?\n')
  })
})

describe('colour of what is said', () => {
  it.each([
    ['a terminal', { stderrIsTerminal: true }, true],
    ['no terminal', {}, false],
    ['answers alone on a terminal', { isTerminal: true }, false],
    ['NO_COLOR', { stderrIsTerminal: true, env: { NO_COLOR: '1' } }, false],
    ['an empty NO_COLOR', { stderrIsTerminal: true, env: { NO_COLOR: '' } }, true],
    ['a dumb terminal', { stderrIsTerminal: true, env: { TERM: 'dumb' } }, false],
    ['FORCE_COLOR without a terminal', { env: { FORCE_COLOR: '1' } }, true],
    ['FORCE_COLOR on a dumb terminal', { stderrIsTerminal: true, env: { FORCE_COLOR: '1', TERM: 'dumb' } }, true],
    ['FORCE_COLOR=0', { stderrIsTerminal: true, env: { FORCE_COLOR: '0' } }, false],
    ['NO_COLOR and FORCE_COLOR', { env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, false],
  ] as const)('with %s', async (_name, options, isColored) => {
    for (const line of ['runs --limt 3', 'runs sohw']) {
      const { stderr } = await run(line, options)
      expect(stderr.includes('\u001B[31mrestock:\u001B[39m')).toBe(isColored)
    }
  })
})
