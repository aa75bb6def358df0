import type { Command } from 'commander'
import { recordAudit } from '../access/audit.js'
import { codeOf, isExpectedError } from '../platform/errors.js'
import { actorName } from './actor.js'
import type { App } from './open-app.js'

/** Commands that change something, as the API calls the same. Tokens note themselves, in the transaction that makes them. */
const actions: Readonly<Record<string, string>> = {
  run: 'startRun',
  import: 'importFolder',
  'config apply': 'applyConfig',
  'items import': 'importItems',
  'items add': 'addItem',
  'items update': 'updateItem',
  'items count': 'countItem',
  'items use': 'useItem',
  'items snooze': 'snoozeItem',
  'items request': 'requestItem',
  'items undo': 'undoMovement',
  'items confirm-count': 'confirmCount',
  'items confirm-link': 'confirmLink',
  'suppliers import': 'importSuppliers',
  'suppliers add': 'addSupplier',
  'catalog import': 'importCatalog',
  'catalog add': 'addOffer',
  'orders import': 'importOrders',
  'orders approve': 'approveOrder',
  'orders decline': 'declineOrder',
  'orders cancel': 'cancelOrder',
  'orders receive': 'receiveOrder',
  'orders close': 'closeOrder',
  'orders resolve': 'resolveOrder',
  'limits set': 'setLimit',
  'schedule add': 'addSchedule',
  'schedule change': 'changeSchedule',
  'schedule run-now': 'runSchedule',
  'schedule pause': 'pauseSchedule',
  'schedule resume': 'resumeSchedule',
  'schedule remove': 'removeSchedule',
}

export const auditedCommands: readonly string[] = Object.keys(actions)

/** Does what a command asks for and notes it, where it changes something. What could not be noted is done all the same. */
export async function audited<T>(
  command: Command,
  app: App,
  env: Readonly<Record<string, string | undefined>>,
  work: () => Promise<T>,
): Promise<T> {
  const action = actions[pathOf(command)]
  if (action === undefined) return work()
  const note = (result: 'done' | 'refused' | 'failed', details: Readonly<Record<string, unknown>>) =>
    recordAudit(app.ctx, {
      actor: { kind: 'cli', name: actorName(env) },
      action,
      subject: command.args[0] ?? null,
      result,
      details,
    }).catch((error: unknown) => app.log.warn({ err: error }, 'the audit log could not be written'))
  try {
    const done = await work()
    await note('done', {})
    return done
  } catch (error) {
    await note(isExpectedError(error) ? 'refused' : 'failed', { code: codeOf(error) })
    throw error
  }
}

/** `orders approve`, without the program's own name. */
function pathOf(command: Command): string {
  const names: string[] = []
  for (let each: Command | null = command; each?.parent != null; each = each.parent) names.unshift(each.name())
  return names.join(' ')
}
