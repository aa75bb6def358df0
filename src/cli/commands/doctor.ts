import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import { InputError } from '../../platform/errors.js'
import { type Check, ok, problem } from '../checks/check.js'
import { checkApp } from '../checks/check-app.js'
import { checkDataFolder, checkDisk, checkNode } from '../checks/check-machine.js'
import { checkWeb } from '../checks/check-web.js'
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
  return [
    ok('configuration', config.configFile ?? 'no restock.yaml here; `restock init` writes one'),
    checkModel(config),
    await checkDataFolder(config.dataDir),
    await checkDisk(config.dataDir),
    ...(await checkApp(config, cli.log(command, config), isDeep)),
    await checkWeb(config.web),
  ]
}

/** Whether it is set up; asking it anything would cost money. */
function checkModel({ model }: Config): Check {
  if (model.name === 'rules') return ok('model', 'rules: free, offline, needs no key')
  const where = model.baseUrl === null ? 'OpenAI' : new URL(model.baseUrl).host
  if (model.baseUrl === null && model.apiKey === null) {
    return problem('model', `${model.name} needs a key: set OPENAI_API_KEY, or RESTOCK_MODEL=rules to go without`)
  }
  return ok('model', `${model.name} at ${where}, ${model.apiKey === null ? 'without a key' : 'key set'} (not asked)`)
}

function describe(checks: readonly Check[], problems: number): string {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const lines = checks.map(({ name, isOk, detail }) =>
    plainLines(`${isOk ? 'ok     ' : 'PROBLEM'}  ${name.padEnd(width)}  ${detail}`),
  )
  const verdict = problems === 0 ? 'All is well.' : `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`
  return [...lines, '', verdict].join('\n')
}
