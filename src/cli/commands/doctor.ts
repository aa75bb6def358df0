import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import { InputError } from '../../platform/errors.js'
import { type Check, problem } from '../checks/check.js'
import { checkAll } from '../checks/check-all.js'
import { checkNode } from '../checks/check-machine.js'
import type { Cli } from '../cli.js'
import { plainLines } from '../table.js'

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
      cli.answer(command, { ok: problems === 0, checks: json }, () => describe(checks, problems))
      if (problems > 0) cli.fail()
    })
}

async function checkConfigured(cli: Cli, command: Command, isDeep: boolean): Promise<Check[]> {
  let config: Config
  try {
    config = cli.config(command)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [problem('configuration', `${error.message} What depends on it is not checked.`)]
  }
  return checkAll(config, cli.log(command, config), isDeep)
}

function describe(checks: readonly Check[], problems: number): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, isOk, detail }) =>
    plainLines(`${isOk ? 'ok     ' : 'PROBLEM'}  ${name.padEnd(width)}  ${detail}`),
  )
  const verdict = problems === 0 ? 'All is well.' : `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`
  return [...lines, '', verdict].join('\n')
}
