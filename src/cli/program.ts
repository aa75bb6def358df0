import { Command, Option } from 'commander'
import { packageVersion } from '../config/paths.js'
import { type CliIo, createCli } from './cli.js'
import { registerAudit } from './commands/audit.js'
import { registerBackup } from './commands/backup.js'
import { registerCatalog } from './commands/catalog.js'
import { registerConfig } from './commands/config.js'
import { registerDemo } from './commands/demo.js'
import { registerDoctor } from './commands/doctor.js'
import { registerInit } from './commands/init.js'
import { registerItems } from './commands/items.js'
import { registerLimits } from './commands/limits.js'
import { registerMcp } from './commands/mcp.js'
import { registerMigrate } from './commands/migrate.js'
import { registerOrders } from './commands/orders.js'
import { registerRoles } from './commands/roles.js'
import { registerRun } from './commands/run.js'
import { registerRuns } from './commands/runs.js'
import { registerSchedule } from './commands/schedule.js'
import { registerSuppliers } from './commands/suppliers.js'
import { registerTokens } from './commands/tokens.js'
import { registerTransfer } from './commands/transfer.js'

/** Every command there is, in the order in which `restock --help` shows them. */
const commands = [
  registerInit,
  registerRoles,
  registerDemo,
  registerRun,
  registerRuns,
  registerSchedule,
  registerItems,
  registerSuppliers,
  registerCatalog,
  registerOrders,
  registerLimits,
  registerTransfer,
  registerBackup,
  registerTokens,
  registerAudit,
  registerMcp,
  registerMigrate,
  registerDoctor,
  registerConfig,
]

export function createProgram(io: CliIo): Command {
  const program = new Command('restock')
    .description('Keeps things from running out, by itself.')
    .version(packageVersion)
    .addOption(
      new Option('--data-dir <folder>', 'folder for the embedded database and the secret (RESTOCK_DATA_DIR; .restock)'),
    )
    .addOption(
      new Option('--config <file>', 'configuration file (RESTOCK_CONFIG; restock.yaml, else restock.example.yaml)'),
    )
    .option('--json', 'answer in JSON')
    .option('-v, --verbose', 'log what happens, on stderr')
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.stderrColumns,
    })
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
  const cli = createCli(io)
  for (const register of commands) register(program, cli)
  for (const command of program.commands) inheritSettings(command, program)
  return program
}

/** Commander hands settings down only to commands made by its own factory call at the time; ours come from other files. */
function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheritSettings(child, command)
}
