import { Command, Help, Option } from 'commander'
import { packageVersion } from '../config/paths.js'
import { type Cli, type CliIo, createCli } from './cli.js'
import { registerAudit } from './commands/audit.js'
import { registerBackup } from './commands/backup.js'
import { registerCatalog } from './commands/catalog.js'
import { registerCompletion } from './commands/completion.js'
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
import { registerStatus } from './commands/status.js'
import { registerSuppliers } from './commands/suppliers.js'
import { registerTokens } from './commands/tokens.js'
import { registerTransfer } from './commands/transfer.js'
import { registerWatch } from './commands/watch.js'
import { createStyle, hasColor } from './terminal/style.js'
import { refuseUnknownCommands } from './unknown-command.js'

/** Every command there is, under the headings and in the order in which `restock --help` shows them. */
const groups: readonly (readonly [heading: string, register: readonly ((program: Command, cli: Cli) => void)[]])[] = [
  ['To begin:', [registerInit, registerDemo, registerDoctor]],
  ['At work:', [registerStatus, registerRoles, registerRun, registerWatch, registerRuns, registerSchedule]],
  ['What to keep, and who sells it:', [registerItems, registerSuppliers, registerCatalog]],
  ['Buying:', [registerOrders, registerLimits]],
  ['Files:', [registerTransfer, registerBackup]],
  [
    'Set-up and access:',
    [registerConfig, registerMigrate, registerTokens, registerAudit, registerMcp, registerCompletion],
  ],
]

export function createProgram(io: CliIo): Command {
  const style = createStyle(io)
  const errorStyle = createStyle({ isTerminal: io.stderrIsTerminal, env: io.env })
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
      getOutHasColors: () => hasColor(io),
      getErrHasColors: () => hasColor({ isTerminal: io.stderrIsTerminal, env: io.env }),
      outputError: (text, write) => write(`${errorStyle.bad('restock:')} ${inOneSentence(text)}\n`),
    })
    .configureHelp({
      showGlobalOptions: true,
      // Nearly all of them have options; to say so each time would only push the descriptions aside.
      subcommandTerm: (command) => new Help().subcommandTerm(command).replace(' [options]', ''),
      minWidthToWrap: 24,
      styleTitle: style.strong,
    })
    .addHelpText('after', '\nExample:\n  restock demo\n  restock init --example\n  restock up')
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
  const cli = createCli(io)
  for (const [heading, register] of groups) {
    program.commandsGroup(heading)
    for (const each of register) each(program, cli)
  }
  for (const command of program.commands) inheritSettings(command, program)
  // Named here, so that it stands with the others; only after the loop, since groups would inherit the heading.
  program.helpCommand('help [command]', 'display help for command')
  refuseUnknownCommands(program)
  return program
}

/** What commander says, as everything else here is said: "error: unknown option '--al'\\n(Did you mean --all?)". */
function inOneSentence(text: string): string {
  const said = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\.?\n\(Did you mean (.*)\?\)$/, '; did you mean $1?')
  return /[.?]$/.test(said) ? said : `${said}.`
}

/** Commander hands settings down only to commands made by its own factory call at the time; ours come from other files. */
function inheritSettings(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheritSettings(child, command)
}
