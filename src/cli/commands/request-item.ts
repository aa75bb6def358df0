import type { Command } from 'commander'
import { requestItem } from '../../stock/request-item.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { readQuantity } from '../read-option.js'

interface RequestOptions {
  readonly unit: string
  readonly neededBy?: string
  readonly notes?: string
  readonly list?: string
}

export function registerRequest(items: Command, cli: Cli): void {
  items
    .command('request')
    .description('Ask for something to be bought once, without keeping it in stock.')
    .argument('<name>', 'what it is called')
    .argument('<quantity>', 'how much in all')
    .requiredOption('--unit <unit>', 'in what it is counted: kg, l, pcs, …')
    .option('--needed-by <date>', 'the last day on which it may come, such as 2026-03-31')
    .option('--notes <text>', 'what whoever buys it should know')
    .option('--list <list>', 'not needed when there is only one')
    .addHelpText('after', '\nExample:\n  restock items request "Birthday cake" 2 --unit pcs --needed-by 2026-03-31')
    .action(async (name: string, quantity: string, options: RequestOptions, command: Command) => {
      const request = { ...options, name, quantity: readQuantity('quantity', quantity) }
      await cli.withApp(command, async ({ ctx }) => {
        const requested = await requestItem(ctx, { ...request, actor: actorName(cli.io.env) })
        cli.answer(command, requested, () =>
          requested.isNew
            ? `"${name}" is requested on list ${requested.list} (${requested.itemId}).`
            : `"${name}" is requested already (${requested.itemId}); it was not added again.`,
        )
      })
    })
}
