/**
 * Orders as plain mails for people to read. A mail can't be asked after: what the mail server has taken counts as with the
 * supplier, and on doubt a person finds out (`orders resolve`). What comes back, they book with `orders receive`.
 */
import { formatMoney } from '../../platform/decimal.js'
import { type Channel, type ChannelOrder, NotSentError } from './channel.js'
import { addressOf, type MailTransport } from './mail-transport.js'
import { oneLine } from './one-line.js'

export interface EmailChannelOptions {
  readonly transport: MailTransport
  /** Who orders come from and where answers go: 'Name <address>' or an address. */
  readonly from: string
}

export function createEmailChannel({ transport, from }: EmailChannelOptions): Channel {
  return {
    async submit(ctx, order, signal) {
      const supplier = await ctx.db
        .selectFrom('purchasing.suppliers')
        .select(['name', 'email'])
        .where('id', '=', order.supplierId)
        .executeTakeFirstOrThrow()
      if (supplier.email === null) throw new NotSentError(`${supplier.name} has no e-mail address`)
      await transport.send(
        {
          from,
          replyTo: from,
          to: supplier.email,
          subject: `Order ${order.idempotencyKey}`,
          text: orderMail(order, addressOf(from)),
          // The same for each attempt: mail programs show it once even if it arrives twice.
          messageId: `${order.idempotencyKey}@${addressOf(from).split('@')[1] ?? 'restock.invalid'}`,
          date: ctx.clock.now(),
        },
        signal,
      )
      return { outcome: 'submitted', reference: null, reason: `sent to ${supplier.email}; nobody has confirmed it yet` }
    },
    findByKey: async () => ({ outcome: 'cannot_tell' }),
    status: async () => ({ answer: { outcome: 'cannot_tell' }, deliveries: [] }),
  }
}

/** The order as text: one line each, then the totals. */
export function orderMail(order: ChannelOrder, replyTo: string): string {
  const money = (amountMinor: number) => formatMoney(amountMinor, order.currency)
  const rows = [
    ['No.', 'Article', 'Product', 'Packs', 'Pack', 'Price a pack', 'Net'],
    ...order.lines.map((line) => [
      String(line.lineNumber),
      oneLine(line.sku ?? '-'),
      oneLine(line.product),
      String(line.packs),
      `${line.packQuantity} ${oneLine(line.unit)}`,
      money(line.packPriceMinor),
      money(line.lineTotalMinor),
    ]),
  ]
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)))
  const isNumber = (column: number) => column === 0 || column === 3 || column >= 5
  const table = rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length))
        return isNumber(column) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
  const totals = [
    ['Subtotal', order.subtotalMinor],
    ['Shipping', order.shippingMinor],
    ['Tax', order.taxMinor],
    ['Discount', -order.discountMinor],
  ] as const
  return [
    'We order:',
    '',
    ...table,
    '',
    ...totals.filter(([, amount]) => amount !== 0).map(([name, amount]) => `${name}: ${money(amount)}`),
    `Total: ${money(order.totalMinor)}`,
    ...(order.expectedAt === null ? [] : [`Expected by: ${order.expectedAt.toISOString().slice(0, 10)}`]),
    '',
    `Our order number: ${order.idempotencyKey}. Please name it in your answer, on the delivery note and on the invoice.`,
    'If this mail reaches you twice with the same number, it is one order.',
    `Answers go to ${replyTo}. Please tell us before delivery if a price, a quantity or a product differs.`,
    '',
  ].join('\n')
}
