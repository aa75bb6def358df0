import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import { InputError } from '../../platform/errors.js'
import { type Check, problem } from '../checks/check.js'
import { checkNode } from '../checks/check-machine.js'
import type { Cli, CliIo } from '../cli.js'
import { createStyle } from '../terminal/style.js'
import { plainText } from '../terminal/table.js'
import { wrapToWidth } from '../terminal/text-width.js'

export function registerDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('Check everything that Restock needs, and say how to mend what is wrong.')
    .option('--deep', 'also hold every recorded order, delivery and run against what Restock promises')
    .addHelpText('after', '\nExample:\n  restock doctor --data-dir /var/lib/my-cafe')
    .action(async (options: { deep?: boolean }, command: Command) => {
      const isDeep = options.deep === true
      const checks = [checkNode(process.versions.node), ...(await checkConfigured(cli, command, isDeep))]
      const problems = checks.filter((check) => !check.isOk).length
      const json = checks.map(({ name, isOk, detail }) => ({ name, ok: isOk, detail }))
      cli.answer(command, { ok: problems === 0, checks: json }, () => describe(checks, problems, cli.io))
      if (problems > 0) cli.fail()
    })
}

async function checkConfigured(cli: Cli, command: Command, isDeep: boolean): Promise<Check[]> {
  let config: Config
  try {
    config = cli.config(command)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [
      problem(
        'configuration',
        `${error.message}${error.message.includes('\n') ? '\n' : ' '}What depends on it is not checked.`,
      ),
    ]
  }
  let now = 'Checking…'
  const tell = (what: string) => {
    now = `Checking ${what}…`
  }
  return cli.during(
    command,
    () => now,
    async () => {
      const { checkAll } = await import('../checks/check-all.js')
      return checkAll(config, cli.log(command, config), isDeep, tell)
    },
  )
}

/** A line for each check; a terminal that is too narrow has the detail wrapped beside its name, or under it. */
function describe(checks: readonly Check[], problems: number, io: CliIo): string {
  const style = createStyle(io)
  const width = Math.max(...checks.map(({ name }) => name.length))
  const beside = io.columns - width - 11
  const isUnder = io.isTerminal && beside < 30
  const room = io.isTerminal ? (isUnder ? io.columns - 4 : beside) : Number.POSITIVE_INFINITY
  const lines = checks.flatMap(({ name, isOk, detail }) => {
    const head = `${isOk ? style.good('ok     ') : style.bad('PROBLEM')}  ${isUnder ? name : name.padEnd(width)}`
    const texts = detail.split('\n').flatMap((line) => wrapToWidth(plainText(line), room))
    if (isUnder) return [head, ...texts.map((text) => `    ${text}`)]
    return texts.map((text, at) => `${at === 0 ? head : ' '.repeat(width + 9)}  ${text}`)
  })
  const found = `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`
  const verdict = problems === 0 ? style.good('All is well.') : style.bad(found)
  return [...lines, '', verdict].join('\n')
}
