import type { Config } from '../../config/config.js'
import type { Logger } from '../../platform/context.js'
import { type Check, ok, problem } from './check.js'
import { checkApp } from './check-app.js'
import { checkDataFolder, checkDisk } from './check-machine.js'

/** Everything that rests on a configuration that can be read; takes seconds, since MCP servers are started as workers do. */
export async function checkAll(
  config: Config,
  log: Logger,
  isDeep: boolean,
  /** Hears what is being looked at. */
  tell: (what: string) => void = () => undefined,
): Promise<Check[]> {
  const looking = <T>(what: string, check: () => T): T => {
    tell(what)
    return check()
  }
  return [
    ok('configuration', config.configFile ?? 'no restock.yaml here; `restock init` writes one'),
    checkModel(config),
    await looking('the data folder', () => checkDataFolder(config.dataDir)),
    await looking('the disk', () => checkDisk(config.dataDir)),
    ...(await looking('the database', () => checkApp(config, log, isDeep, tell))),
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
