import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { serveHttp } from '../../servers/transports.js'
import type { McpServerConfig } from '../../src/agent/mcp-servers.js'
import { type Caller, readCaller } from '../../src/platform/run-context.js'

/**
 * A list and an ordering server that live in memory, for what the real ones can't be made to do: hang, answer late, crash in
 * the middle of an order. They speak real MCP over loopback HTTP and answer in the shapes of the real ones.
 */
export interface Shop {
  readonly servers: readonly McpServerConfig[]
  readonly items: ShopItem[]
  readonly products: ShopProduct[]
  readonly orders: ShopOrder[]
  /** Every call as the servers saw it. */
  readonly calls: {
    readonly tool: string
    readonly args: Readonly<Record<string, unknown>>
    readonly caller: Caller | 'invalid'
  }[]
  /** Item ids that the list knows are ordered: by receipt or by event. */
  readonly marked: Set<string>
  /** Stands in for a tool from now on; `next` is what the tool itself would do. */
  interfere(tool: string, behave: (next: () => object) => object | Promise<object>): void
  behaveAgain(): void
  close(): Promise<void>
}

export interface ShopItem {
  readonly id: string
  readonly name: string
  readonly need: number
  readonly sku?: string
  readonly links?: readonly string[]
  readonly attention?: string
}

export interface ShopProduct {
  readonly id: string
  readonly name: string
  readonly sku?: string
  readonly supplier: string
  readonly pack: number
  readonly priceMinor: number
}

export interface ShopOrder {
  readonly id: string
  readonly run: string
  readonly supplier: string
  status: string
  readonly lines: readonly ReturnType<typeof toLine>[]
  readonly approvalReasons: readonly string[]
}

/** Thrown inside a tool: the business says no. */
export class Refusal extends Error {
  readonly code: string
  readonly severity: string
  constructor(code: string, severity = 'final') {
    super(`refused: ${code}`)
    this.code = code
    this.severity = severity
  }
}

const token = 'a token that only tests know'

/** As the real servers say of their tools. */
const repeatable: ReadonlySet<string> = new Set(['place_order', 'mark_ordered', 'link_product'])

export async function openShop(secret: string, now: () => Date): Promise<Shop> {
  const items: ShopItem[] = []
  const products: ShopProduct[] = []
  const orders: ShopOrder[] = []
  const calls: Shop['calls'] = []
  const marked = new Set<string>()
  const events: { event_id: string; seq: number; order_id: string; item_id: string }[] = []
  const applied = new Set<string>()
  const needs = new Map<string, Map<string, number>>()
  const quotes = new Map<
    string,
    { run: string; lines: { item: ShopItem; product: ShopProduct }[]; placed: object | null }
  >()
  const interferences = new Map<string, (next: () => object) => object | Promise<object>>()

  type Run = Extract<Caller, { kind: 'run' }>
  const find = (item: ShopItem, given: readonly string[]) =>
    products
      .filter((product) =>
        given.length > 0 || item.links !== undefined
          ? [...given, ...(item.links ?? [])].includes(product.id)
          : product.sku !== undefined && product.sku === item.sku,
      )
      .toSorted((a, b) => a.priceMinor / a.pack - b.priceMinor / b.pack)[0]

  const list: Record<string, (args: Args, run: Run) => object> = {
    begin_run: (_args, run) => ({
      list: run.list,
      currency: 'EUR',
      time_zone: 'Europe/Berlin',
      as_of: now().toISOString(),
      items: items
        .filter(
          (item) =>
            !marked.has(item.id) && !events.some((event) => event.item_id === item.id && applied.has(event.event_id)),
        )
        .map(toNeed),
    }),
    mark_ordered: ({ receipt }) => {
      const ids = z.array(z.string()).parse(JSON.parse(z.string().parse(receipt)))
      for (const id of ids) marked.add(id)
      return { marked: ids.map((id) => ({ item_id: id })), already_marked: 0 }
    },
    link_product: (args) => ({ item_id: args.item_id, product_id: args.product_id, status: 'proposed' }),
    apply_order_events: ({ events: given }) => {
      const parsed = z.array(z.looseObject({ event_id: z.string() })).parse(given)
      const fresh = parsed.filter(({ event_id }) => !applied.has(event_id))
      for (const { event_id } of fresh) applied.add(event_id)
      return { applied: fresh.length, skipped: parsed.length - fresh.length }
    },
  }

  const ordering: Record<string, (args: Args, run: Run) => object> = {
    register_needs: (args, run) => {
      const given = z.array(z.object({ item_id: z.string(), quantity: z.number() })).parse(args.needs)
      needs.set(run.run, new Map(given.map(({ item_id, quantity }) => [item_id, quantity])))
      return { registered: given.length }
    },
    search_catalog: ({ queries }) => ({
      results: z
        .array(z.object({ text: z.string() }))
        .parse(queries)
        .map(({ text }) => ({
          query: text,
          products: products
            .filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
            .map(({ id, name }) => ({ product_id: id, name, score: 0.8, offers: [{ unit: 'l' }] })),
        })),
    }),
    create_quote: (args, run) => {
      const registered = needs.get(run.run) ?? new Map<string, number>()
      const asked: readonly { item_id: string; quantity?: number | undefined; product_ids?: string[] | undefined }[] =
        quoteArguments.parse(args).items ?? [...registered.keys()].map((item_id) => ({ item_id }))
      const stranger = asked.find(({ item_id, quantity }) => (registered.get(item_id) ?? 0) < (quantity ?? 1))
      if (stranger !== undefined) throw new Refusal('need_not_registered')
      const lines: { item: ShopItem; product: ShopProduct }[] = []
      const unmet: object[] = []
      for (const { item_id, product_ids } of asked) {
        const item = items.find(({ id }) => id === item_id)
        if (item === undefined) continue
        const product = find(item, product_ids ?? [])
        if (product === undefined)
          unmet.push({ item_id, quantity: item.need, code: 'no_offer', text: `No offer for ${item.name}.` })
        else lines.push({ item, product })
      }
      const quoteId = lines.length === 0 ? null : `quo_${quotes.size + 1}`
      if (quoteId !== null) quotes.set(quoteId, { run: run.run, lines, placed: null })
      const suppliers = [...new Set(lines.map(({ product }) => product.supplier))]
      return {
        quote_id: quoteId,
        currency: 'EUR',
        unmet,
        orders: suppliers.map((supplier) => ({
          supplier_id: supplier,
          supplier,
          currency: 'EUR',
          approval_reasons: [],
          lines: lines.filter(({ product }) => product.supplier === supplier).map(toLine),
        })),
      }
    },
    place_order: (args, run) => {
      if (run.dryRun) throw new Refusal('dry_run')
      const quoteId = String(args.quote_id)
      const quote = quotes.get(quoteId)
      if (quote === undefined || quote.run !== run.run) throw new Refusal('quote_not_found')
      if (quote.placed !== null) return { ...quote.placed, replayed: true }
      const suppliers = [...new Set(quote.lines.map(({ product }) => product.supplier))]
      const results = suppliers.map((supplier) => {
        const lines = quote.lines.filter(({ product }) => product.supplier === supplier).map(toLine)
        const id = `ord_${orders.length + 1}`
        orders.push({ id, run: run.run, supplier, status: 'approved', lines, approvalReasons: [] })
        for (const line of lines) {
          const seq = events.length + 1
          events.push({ event_id: `evt_${seq}`, seq, order_id: id, item_id: line.item_id })
        }
        return { supplier_id: supplier, order_id: id, outcome: 'accepted', item_ids: lines.map((line) => line.item_id) }
      })
      quote.placed = { results, receipt: JSON.stringify(quote.lines.map(({ item }) => item.id)), replayed: false }
      return quote.placed
    },
    list_orders: (args) => ({
      orders: orders.filter(({ run }) => args.run_id === undefined || run === args.run_id).map(toOrder),
    }),
    read_order_events: ({ after, limit }) => {
      const from = Number(after)
      const page = events.filter(({ seq }) => seq > from).slice(0, Number(limit))
      const next = page.at(-1)?.seq ?? from
      return { events: page, next, has_more: events.some(({ seq }) => seq > next) }
    },
  }

  const serve = async (name: string, tools: Record<string, (args: Args, run: Run) => object>): Promise<Served> => {
    const create = () => {
      const server = new McpServer({ name, version: '1.0.0' })
      for (const [tool, handle] of Object.entries(tools)) {
        const annotations = { idempotentHint: repeatable.has(tool) }
        server.registerTool(tool, { inputSchema: z.looseObject({}), annotations }, async (args, extra) => {
          const caller = readCaller(secret, extra._meta, now())
          calls.push({ tool, args, caller })
          const next = () => {
            if (caller === 'invalid' || caller.kind !== 'run') throw new Refusal('worker_only')
            return handle(args, caller)
          }
          try {
            return answer({ messages: [], ...(await (interferences.get(tool)?.(next) ?? next())) }, false)
          } catch (error) {
            if (!(error instanceof Refusal)) throw error
            return answer(
              { messages: [{ code: error.code, severity: error.severity, text: `${error.message}.` }] },
              true,
            )
          }
        })
      }
      return server
    }
    const running = await serveHttp(create, { host: '127.0.0.1', port: 0, token })
    const headers = { authorization: `Bearer ${token}` }
    return { config: { name, url: running.url, headers }, close: running.close }
  }
  const served = [await serve('list', list), await serve('ordering', ordering)]

  return {
    servers: served.map(({ config }) => config),
    items,
    products,
    orders,
    calls,
    marked,
    interfere: (tool, behave) => interferences.set(tool, behave),
    behaveAgain: () => interferences.clear(),
    close: async () => {
      await Promise.all(served.map(({ close }) => close()))
    },
  }
}

type Args = Readonly<Record<string, unknown>>

interface Served {
  readonly config: McpServerConfig
  close(): Promise<void>
}

const quoteArguments = z.object({
  items: z
    .array(
      z.object({ item_id: z.string(), quantity: z.number().optional(), product_ids: z.array(z.string()).optional() }),
    )
    .optional(),
})

function answer(content: Record<string, unknown>, isError: boolean) {
  return {
    content: [{ type: 'text' as const, text: JSON.stringify(content) }],
    structuredContent: content,
    ...(isError ? { isError } : {}),
  }
}

function toNeed(item: ShopItem) {
  return {
    item_id: item.id,
    list: 'cafe',
    name: item.name,
    kind: 'stock',
    unit: 'l',
    sku: item.sku ?? null,
    on_hand: 0,
    on_order: 0,
    position: 0,
    reorder_point: 1,
    order_up_to: item.need,
    due: true,
    need: item.need,
    steps: [],
    links: (item.links ?? []).map((product_id) => ({ product_id, status: 'confirmed' })),
    origin: 'person',
    attention: item.attention ?? null,
  }
}

function toLine({ item, product }: { readonly item: ShopItem; readonly product: ShopProduct }) {
  const packs = Math.ceil(item.need / product.pack)
  return {
    item_id: item.id,
    product_id: product.id,
    product: product.name,
    packs,
    pack_quantity: product.pack,
    quantity: packs * product.pack,
    unit: 'l',
    pack_price_minor: product.priceMinor,
    tax_minor: 0,
    line_total_minor: packs * product.priceMinor,
    matched_by: 'sku',
  }
}

function toOrder(order: ShopOrder) {
  const subtotal = order.lines.reduce((sum, line) => sum + line.line_total_minor, 0)
  return {
    order_id: order.id,
    list: 'cafe',
    run_id: order.run,
    supplier_id: order.supplier,
    supplier: order.supplier,
    status: order.status,
    currency: 'EUR',
    subtotal_minor: subtotal,
    shipping_minor: 0,
    tax_minor: 0,
    discount_minor: 0,
    total_minor: subtotal,
    approval_reasons: order.approvalReasons,
    status_reason: null,
    lines: order.lines,
  }
}

/** Two items due, each of which one supplier has. */
export function needMilkAndCups(shop: Pick<Shop, 'items' | 'products'>): void {
  shop.items.push(
    { id: 'itm_milk', name: 'Milk', need: 24, sku: 'MILK' },
    { id: 'itm_cups', name: 'Cups', need: 90, sku: 'CUPS' },
  )
  shop.products.push(
    { id: 'prd_milk', name: 'Whole milk', sku: 'MILK', supplier: 'Molkerei Nord', pack: 12, priceMinor: 1080 },
    { id: 'prd_cups', name: 'Paper cups', sku: 'CUPS', supplier: 'Papier & Co', pack: 50, priceMinor: 400 },
  )
}
