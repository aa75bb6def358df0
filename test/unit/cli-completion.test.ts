import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestCli } from '../helpers/run-cli.js'

/** A `restock` that knows two orders, three items and nothing else. */
const standIn = `#!/bin/sh
[ "$1" = __complete ] || exit 1
case $2 in
  orders) printf 'ord_7k3m\\tunknown, North Dairy\\nord_9x2q\\treceived, South\\n' ;;
  items) printf 'Oat milk\\tcafe\\nOatmeal\\tlab\\nRice\\tcafe\\n' ;;
  lists) printf 'cafe\\tThe café\\n' ;;
esac
`

let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'restock-completion-'))
  writeFileSync(join(folder, 'restock'), standIn)
  chmodSync(join(folder, 'restock'), 0o755)
  writeFileSync(join(folder, 'items.csv'), '')
  const cli = createTestCli()
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, exitCode } = await cli.run('completion', shell)
    expect(exitCode).toBe(0)
    writeFileSync(join(folder, `script.${shell}`), stdout)
  }
  cli.remove()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function runShell(shell: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(shell, [...args], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder },
  })
  return stdout
}

const bashDriver = `
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_restock
printf '%s\\n' "\${COMPREPLY[@]}"
`

/** What bash offers after these words, the last of which is being typed. */
async function completions(...words: string[]): Promise<string[]> {
  const stdout = await runShell('bash', ['--norc', '-c', bashDriver, 'bash', 'script.bash', 'restock', ...words])
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion in bash', () => {
  it.each<[string[], string[]]>([
    [['or'], ['orders']],
    [
      ['orders', 're'],
      ['receive', 'resolve'],
    ],
    [['--json', 'orders', 'sh'], ['show']],
    [
      ['--config', 'orders', 'ru'],
      ['run', 'runs'],
    ],
    [['orders', 'list', '--st'], ['--status']],
    [['orders', 'list', '--status', 'un'], ['unknown']],
    [['orders', 'list', '--status', '=', 'un'], ['unknown']],
    [
      ['schedule', 'add', '--misfire', ''],
      ['skip', 'run_once', 'run_all'],
    ],
    [['completion', 'z'], ['zsh']],
    [
      ['orders', 'show', ''],
      ['ord_7k3m', 'ord_9x2q'],
    ],
    [['orders', 'show', 'ord_9'], ['ord_9x2q']],
    [['run', '--list', ''], ['cafe']],
    [
      ['items', 'count', 'Oa'],
      ['Oat\\ milk', 'Oatmeal'],
    ],
    [['items', 'count', '"Oat m'], ['Oat milk']],
    [['items', 'count', 'Oat\\ m'], ['Oat\\ milk']],
    [['items', 'count', 'Rice', ''], []],
    [['runs', 'show', ''], []],
    [['frobnicate', ''], []],
  ])('%j', async (words, expected) => {
    expect(await completions(...words)).toEqual(expected)
  })

  it('knows every option of a command, and those that all have', async () => {
    const options = await completions('orders', 'receive', '--')
    expect(options).toEqual(['--line', '--version', '--data-dir', '--config', '--json', '--verbose', '--help'])
  })
})

/** The same lines in the other shells, where the machine has them; zsh's own helpers are stood in for. */
const drivers: Readonly<Record<string, string>> = {
  zsh: `
compdef() { : }
_describe() { [[ $1 == -o ]] && shift; print -rl -- \${(P)2} }
_files() { print files }
source script.zsh
for line in 'orders,' 'orders,list,--status,' 'orders,show,' 'items,import,'; do
  words=(restock "\${(@s:,:)line}")
  CURRENT=$#words
  print "> $line"
  _restock
done`,
  fish: `
source script.fish
for line in 'orders,' 'orders,list,--status,' 'orders,show,' 'items,import,'
  echo "> $line"
  complete -C "restock "(string replace -a , ' ' $line) | string replace \\t :
end
true`,
}

describe('the scripts of the other shells', () => {
  it('say the same with what each is', async () => {
    const installed = []
    for (const shell of Object.keys(drivers)) {
      const isThere = await runShell('sh', ['-c', `command -v ${shell} || true`])
      if (isThere !== '') installed.push(shell)
    }
    const said = await Promise.all(
      installed.map((shell) =>
        runShell(shell, [shell === 'zsh' ? '-f' : '-N', '-c', drivers[shell] ?? '']).then((text) => ({ shell, text })),
      ),
    )
    for (const { shell, text } of said) {
      const [subcommands = '', statuses = '', orders = '', files = ''] = text.split(/^> .*\n/m).slice(1)
      expect({ shell, subcommands }).toEqual({ shell, subcommands: expect.stringContaining('show:Show one order\n') })
      expect({ shell, statuses }).toEqual({ shell, statuses: expect.stringContaining('awaiting_approval\n') })
      expect(orders).toBe('ord_7k3m:unknown, North Dairy\nord_9x2q:received, South\n')
      expect(files).toMatch(/items\.csv|files/)
    }
  })

  it('are made for no other', async () => {
    const cli = createTestCli()
    const { stderr, exitCode } = await cli.run('completion', 'bsh')
    cli.remove()
    expect({ stderr, exitCode }).toEqual({
      stderr: 'restock: shell: "bsh" is not possible; did you mean bash? Else write one of bash, zsh, fish.\n',
      exitCode: 2,
    })
  })
})
