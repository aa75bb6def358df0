import type { Command } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { formatMoney } from '../../platform/decimal.js'
import { InputError } from '../../platform/errors.js'
import { placingChannels } from '../../purchasing/channels/index.js'
import { cancelOrder } from '../../purchasing/orders/cancel-order.js'
import { closeOrder } from '../../purchasing/orders/close-order.js'
import { excessInWords, excessOf } from '../../purchasing/orders/excess.js'
import { findOrders, maxOrdersPerListing } from '../../purchasing/orders/find-orders.js'
import {
  getOrder,
  getOrderHistory,
  type Order,
  type OrderLine,
  type OrderStep,
} from '../../purchasing/orders/get-order.js'
import { inWords, orderStatuses } from '../../purchasing/orders/order-status.js'
import { type ReceivedLine, receiveOrder } from '../../purchasing/orders/receive-order.js'
import { resolveOrder } from '../../purchasing/orders/resolve-order.js'
import { approveOrder } from '../../purchasing/placing/approve-order.js'
import { declineOrder } from '../../purchasing/placing/decline-order.js'
import { parseDeclineTerm } from '../../purchasing/placing/decline-term.js'
import { countWorkers } from '../../runs/workers.js'
import { requireList } from '../../stock/lists.js'
import { actorName } from '../actor.js'
import type { Cli } from '../cli.js'
import { choiceOption, readChoice, readCount, readQuantity } from '../read-option.js'
import { localTime, machineTimeZone, zonedTime } from '../terminal/local-time.js'
import { roleOfStatus } from '../terminal/style.js'
import { type Column, type Fact, formatFacts, formatTable, plainText } from '../terminal/table.js'
import { registerImport } from './import-orders.js'

export function registerOrders(program: Command, cli: Cli): void {
  const orders = program
    .command('orders')
    .description('Purchase orders: look at them, approve, receive, end them.')
    .addHelpText('after', '\nExample:\n  restock orders list --attention\n  restock orders approve ord_8m2k4v')
  registerList(orders, cli)
  registerShow(orders, cli)
  registerImport(orders, cli)
  registerChange(orders, cli, {
    name: 'approve',
    description:
      'Let an order that waits for approval go to its supplier (its prices are checked again first), or take what a supplier changed.',
    change: (ctx, { orderId, by }) => approveOrder(ctx, { orderId, by }, placingChannels(ctx.canMail === true)),
  })
  registerDecline(orders, cli)
  registerChange(orders, cli, {
    name: 'cancel',
    description: 'Take back an order; a supplier that has it already is asked to cancel it, where it can be asked.',
    hasReason: true,
    change: (ctx, input) => cancelOrder(ctx, { ...input, reason: input.reason ?? 'cancelled by hand' }),
  })
  registerReceive(orders, cli)
  registerChange(orders, cli, {
    name: 'close',
    description:
      'End an order that will not be completed; what has not come is needed again. Or take note that more came than was ordered.',
    hasReason: true,
    change: (ctx, input) => closeOrder(ctx, input),
  })
  registerResolve(orders, cli)
}

const columns: readonly Column<Order>[] = [
  { title: 'order', value: ({ orderId }) => orderId },
  { title: 'list', value: ({ list }) => list, isDetail: true },
  { title: 'supplier', value: ({ supplier }) => supplier, isFlexible: true },
  { title: 'status', value: ({ status }) => inWords(status), role: ({ status }) => roleOfStatus(status) },
  { title: 'total', value: (order) => formatMoney(order.totalMinor, order.currency), align: 'right' },
  { title: 'lines', value: ({ lines }) => lines.length, isDetail: true },
  { title: `placed (${machineTimeZone})`, value: ({ placedAt }) => localTime(placedAt), isDetail: true },
  {
    title: 'expected',
    value: ({ expectedAt }) => localTime(expectedAt)?.slice(0, 10) ?? null,
    isDetail: true,
  },
  {
    title: 'why',
    value: why,
    isFlexible: true,
    isDetail: true,
    role: ({ attention }) => (attention === null ? null : 'bad'),
  },
]

function why({ statusReason, approvalReasons, attention }: Order): string {
  if (attention !== null) return attention
  if (statusReason !== null) return statusReason
  const [first = '', ...others] = approvalReasons
  return others.length === 0 ? first : `${first} (and ${others.length} more)`
}

function registerList(orders: Command, cli: Cli): void {
  orders
    .command('list')
    .description('List orders, newest first.')
    .option('--list <list>', 'only orders for this list')
    .addOption(choiceOption('--status <status>', 'only orders in this status', orderStatuses))
    .option(
      '--attention',
      'only orders that need a person: overdue, in doubt, changed by the supplier, not to be sent, to be ordered by hand, come with too much',
    )
    .option('--run <id>', 'only orders that this run placed')
    .option('--limit <count>', 'how many at most', '50')
    .addHelpText('after', '\nExample:\n  restock orders list --status awaiting_approval')
    .action(
      async (
        options: { list?: string; status?: string; attention?: boolean; run?: string; limit: string },
        command: Command,
      ) => {
        const limit = readCount('--limit', options.limit, { min: 1, max: maxOrdersPerListing })
        const status = options.status === undefined ? undefined : readChoice('--status', options.status, orderStatuses)
        const isNarrowed = [options.list, options.status, options.attention, options.run].some(
          (each) => each !== undefined,
        )
        await cli.withApp(command, async ({ ctx }) => {
          const list = options.list === undefined ? undefined : (await requireList(ctx, options.list)).id
          const found = await findOrders(ctx, { list, status, runId: options.run, attention: options.attention, limit })
          cli.answer(command, { orders: found }, () =>
            found.length === 0
              ? `There are no ${isNarrowed ? 'such orders' : 'orders yet'}.`
              : formatTable(found, columns, cli.io),
          )
        })
      },
    )
}

function registerShow(orders: Command, cli: Cli): void {
  orders
    .command('show')
    .description('Show one order: its lines, totals and what happened to it.')
    .argument('<id>', 'id of the order')
    .addHelpText('after', '\nExample:\n  restock orders show ord_8m2k4v')
    .action(async (orderId: string, _options: unknown, command: Command) => {
      await cli.withApp(command, async ({ ctx }) => {
        const order = await getOrder(ctx, { orderId })
        const history = await getOrderHistory(ctx, { orderId })
        cli.answer(command, { order, history }, () => describe(order, history, cli))
      })
    })
}

interface Change {
  readonly orderId: string
  readonly by: string
  readonly reason?: string
}

interface ChangeCommand {
  readonly name: string
  readonly description: string
  readonly hasReason?: boolean
  readonly change: (ctx: DomainContext, input: Change) => Promise<Order>
}

function registerChange(orders: Command, cli: Cli, { name, description, hasReason, change }: ChangeCommand): void {
  const command = orders.command(name).description(description).argument('<id>', 'id of the order')
  if (hasReason === true) command.option('--reason <text>', 'kept with the order')
  command
    .addHelpText('after', `\nExample:\n  restock orders ${name} ord_8m2k4v${hasReason === true ? ' --reason "…"' : ''}`)
    .action(async (orderId: string, options: { reason?: string }, invoked: Command) => {
      const reason = options.reason === undefined ? {} : { reason: options.reason }
      await cli.withApp(invoked, async ({ ctx }) => {
        await answerChanged(ctx, cli, invoked, await change(ctx, { orderId, by: actorName(cli.io.env), ...reason }))
      })
    })
}

function registerDecline(orders: Command, cli: Cli): void {
  orders
    .command('decline')
    .description('Say no to an order that waits for approval. Its items are not offered again for a while.')
    .argument('<id>', 'id of the order')
    .option('--reason <text>', 'kept with the order')
    .option('--for <time>', 'how long its items are left out, such as 3d, 2w or 1m; 0: not at all (default: 1w)')
    .addHelpText(
      'after',
      '\nExample:\n  restock orders decline ord_8m2k4v --for 2w --reason "…"\n  restock orders decline ord_8m2k4v --for 0   # offer its items again',
    )
    .action(async (orderId: string, options: { reason?: string; for?: string }, command: Command) => {
      const forMs = options.for === undefined ? undefined : parseDeclineTerm(options.for)
      await cli.withApp(command, async ({ ctx }) => {
        const input = { orderId, by: actorName(cli.io.env), reason: options.reason, forMs }
        await answerChanged(ctx, cli, command, await declineOrder(ctx, input))
      })
    })
}

function registerReceive(orders: Command, cli: Cli): void {
  orders
    .command('receive')
    .description('Say that goods came in: everything that is missing, or the lines given.')
    .argument('<id>', 'id of the order')
    .option('--line <line=quantity...>', "id of a line or item, and what came of it in the item's unit")
    .addHelpText('after', '\nExample:\n  restock orders receive ord_8m2k4v --line itm_2c9x1p=12 --line itm_7h3d5s=4')
    .action(async (orderId: string, options: { line?: readonly string[] }, command: Command) => {
      const lines = options.line?.map(readLine)
      await cli.withApp(command, async ({ ctx }) => {
        const order = await receiveOrder(ctx, { orderId, lines, by: actorName(cli.io.env) })
        await answerChanged(ctx, cli, command, order)
      })
    })
}

function readLine(text: string): ReceivedLine {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new InputError(`--line: "${text}" is not a line and its quantity; write it like itm_2c9x1p=12.`)
  return { line: text.slice(0, at), quantity: readQuantity('--line', text.slice(at + 1)) }
}

function registerResolve(orders: Command, cli: Cli): void {
  orders
    .command('resolve')
    .description('End the doubt about an order that was sent and got no answer, or that is for you to order by hand.')
    .argument('<id>', 'id of the order')
    .option('--placed', 'the supplier has it')
    .option('--not-placed', 'the supplier never got it, or you could not order it; what it was for is needed again')
    .addHelpText('after', '\nExample:\n  restock orders resolve ord_8m2k4v --not-placed')
    .action(async (orderId: string, options: { placed?: boolean; notPlaced?: boolean }, command: Command) => {
      if ((options.placed === true) === (options.notPlaced === true)) {
        throw new InputError('Say what you found out: either --placed or --not-placed.')
      }
      await cli.withApp(command, async ({ ctx }) => {
        const order = await resolveOrder(ctx, { orderId, placed: options.placed === true, by: actorName(cli.io.env) })
        await answerChanged(ctx, cli, command, order)
      })
    })
}

/** What was changed is sent, and told to the list, by a worker; without one the person must know. */
async function answerChanged(ctx: DomainContext, cli: Cli, command: Command, order: Order): Promise<void> {
  cli.answer(command, { order }, () => {
    const total = formatMoney(order.totalMinor, order.currency)
    const asked = order.cancelRequestedBy === null ? '' : ' Its supplier is asked to cancel it.'
    const excess = excessInWords(order.lines)
    const tooMuch = excess === null ? '' : ` It brought ${plainText(excess)}.`
    return `Order ${order.orderId} (${plainText(order.supplier)}, ${total}) is ${inWords(order.status)}.${asked}${tooMuch}`
  })
  if ((await countWorkers(ctx)) === 0) {
    cli.io.stderr('Nobody is at work: supplier and list will hear of it when `restock up` runs.\n')
  }
}

function received(line: OrderLine): string {
  const excess = excessOf(line)
  const tooMuch = excess === 0 ? '' : ` (${excess} ${line.unit} too much)`
  return `${line.receivedQuantity} ${line.unit}${tooMuch}`
}

const lineColumns = (order: Order): Column<OrderLine>[] => [
  { title: 'product', value: ({ product }) => product, isFlexible: true },
  { title: 'packs', value: ({ packs }) => packs },
  { title: 'quantity', value: ({ quantity, unit }) => `${quantity} ${unit}`, align: 'right' },
  { title: 'received', value: received, align: 'right' },
  { title: 'per pack', value: ({ packPriceMinor }) => formatMoney(packPriceMinor, order.currency), align: 'right' },
  { title: 'net', value: ({ lineTotalMinor }) => formatMoney(lineTotalMinor, order.currency), align: 'right' },
  { title: 'item', value: ({ itemId }) => itemId, isDetail: true },
  { title: 'line', value: ({ lineId }) => lineId, isDetail: true },
]

function describe(order: Order, history: readonly OrderStep[], cli: Cli): string {
  const waits = order.status === 'awaiting_approval'
  const money = (amountMinor: number) => (amountMinor === 0 ? null : formatMoney(amountMinor, order.currency))
  const facts = formatFacts(
    [
      ['order', order.orderId],
      ['list', order.list],
      ['supplier', `${order.supplier} (${order.supplierId}, ${order.channel})`],
      ['status', inWords(order.status), roleOfStatus(order.status)],
      ['because', order.statusReason],
      ['needs you', order.attention, 'bad'],
      [
        'to be cancelled',
        order.cancelRequestedBy === null ? null : `${order.cancelRequestedBy} has asked; no answer yet`,
      ],
      ...order.approvalReasons.map(
        (reason): Fact => (waits ? ['needs approval', reason, 'warn'] : ['needed approval', reason]),
      ),
      ['approve until', waits ? zonedTime(order.approvalExpiresAt) : null],
      ['approved by', order.approvedBy],
      ['placed', `${zonedTime(order.placedAt)} by ${order.runId === null ? 'a person' : `run ${order.runId}`}`],
      ['sent', zonedTime(order.submittedAt)],
      ['expected', zonedTime(order.expectedAt)],
      ["supplier's number", order.supplierReference],
      ['rationale', order.rationale],
      ['subtotal', formatMoney(order.subtotalMinor, order.currency)],
      ['shipping', money(order.shippingMinor)],
      ['tax', money(order.taxMinor)],
      ['discount', money(-order.discountMinor)],
      ['total', formatMoney(order.totalMinor, order.currency)],
      ['ordered for', order.originalTotalMinor === null ? null : formatMoney(order.originalTotalMinor, order.currency)],
    ],
    cli.io,
  )
  const steps = formatFacts(
    history.map(({ at, kind, actor }) => [`  ${zonedTime(at)}`, `${kind.replaceAll('_', ' ')}, ${actor}`]),
    cli.io,
  )
  const changed = order.lines.flatMap(({ original, lineId }): Fact[] => {
    if (original === null) return []
    const price = formatMoney(original.packPriceMinor, order.currency)
    return [[`  ${lineId}`, `${original.packs} × ${original.packQuantity} ${original.product}, ${price} a pack`]]
  })
  const ordered =
    changed.length === 0 ? '' : `\n\nOrdered, before the supplier changed it:\n${formatFacts(changed, cli.io)}`
  return `${facts}\n\n${formatTable(order.lines, lineColumns(order), cli.io)}${ordered}\n\nWhat happened:\n${steps}`
}
