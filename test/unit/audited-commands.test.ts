import { describe, expect, it } from 'vitest'
import { auditedCommands } from '../../src/cli/audit-command.js'
import { createSilentProgram, everyCommand, pathOf } from '../helpers/cli-tree.js'

/** Written down by hand: a command that is neither here nor noted makes this fail. */
const changesNothing = [
  ...['', 'status', 'doctor', 'watch', 'audit', 'config', 'runs', 'completion', 'export', 'backup'],
  ...['runs show', 'runs replay', 'schedule list', 'schedule next', 'schedule show'],
  ...['items export', 'items list', 'items history', 'suppliers list', 'catalog search', 'catalog history'],
  ...['orders list', 'orders show', 'limits show', 'tokens list'],
  // They start what notes its own, or make what is there before anybody could note it.
  ...['init', 'demo', 'up', 'scheduler', 'worker', 'web', 'migrate', 'restore', 'mcp list', 'mcp ordering'],
]
/** In the transaction that makes them. */
const noteThemselves = ['tokens add', 'tokens remove']

describe('the audit log', () => {
  it('is told of every command, the ones that change nothing apart', () => {
    const leaves = everyCommand(createSilentProgram().program)
      .filter((command) => command.commands.length === 0 || command.registeredArguments.length > 0)
      .map((command) => pathOf(command).replace(/^restock ?/, ''))
    const untold = leaves.filter((path) => ![...auditedCommands, ...changesNothing, ...noteThemselves].includes(path))
    expect(untold).toEqual([])
  })
})
