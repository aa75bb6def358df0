/** What of the web is measured, and why the rest is not. */

export interface MeasuredPath {
  readonly what: string
  readonly path: string
  /** Asked of an app that has just started and remembers nothing. */
  readonly isFirst?: boolean
}

const page = (what: string, path: string): MeasuredPath => ({ what, path })

export const pages: readonly MeasuredPath[] = [
  page('overview', '/'),
  { what: 'overview, first after a start', path: '/', isFirst: true },
  page('first steps', '/start'),
  page('items of a list', '/items?list=list-3'),
  page('items, page 4', '/items?list=list-3&page=4'),
  page('items to buy', '/items?list=list-3&show=due'),
  page('items by name', '/items?list=list-3&q=number+12'),
  page('one item', '/items/itm_42'),
  page('edit an item', '/items/itm_42/edit'),
  page('add an item', '/items/new?list=list-3'),
  page('request an item', '/items/request?list=list-3'),
  page('items as CSV', '/items/export.csv?list=list-3'),
  page('import items', '/items/import'),
  page('orders', '/orders'),
  page('orders, a page far back', '/orders?after=1750000000000.ord_1'),
  page('orders of a list', '/orders?list=list-3'),
  page('orders received', '/orders?show=received'),
  page('orders of a list cancelled', '/orders?list=list-3&show=cancelled'),
  page('orders on their way', '/orders?show=open'),
  page('orders that need a person', '/orders?show=attention&list=list-3'),
  page('orders from a supplier', '/orders?supplier=supplier-3'),
  page('one order', '/orders/ord_40'),
  page('runs', '/runs'),
  page('runs of a list', '/runs?list=list-3'),
  page('runs that failed', '/runs?status=failed'),
  page('runs of a schedule', '/runs?schedule=list-3-daily'),
  page('one run', '/runs/run_5'),
  page('a replay', '/runs/run_5/replay?step=4'),
  page('schedules', '/schedules'),
  page('one schedule', '/schedules/list-3-daily'),
  page('edit a schedule', '/schedules/list-3-daily/edit'),
  page('add a schedule', '/schedules/new?list=list-3'),
  page('a schedule’s next times', '/schedules/preview?cron=0+6+*+*+*&time_zone=Europe%2FBerlin'),
  page('limits', '/limits?list=list-3'),
  page('suppliers', '/suppliers'),
  page('one supplier', '/suppliers/supplier-3'),
  page('one supplier, page 9', '/suppliers/supplier-3?page=9'),
  page('one supplier, by name', '/suppliers/supplier-3?q=number+12'),
  page('edit a supplier', '/suppliers/supplier-3/edit'),
  page('add a supplier', '/suppliers/new'),
  page('import suppliers', '/suppliers/import'),
  page('import a catalog', '/catalog/import'),
  page('catalog search, words of all offers', '/catalog?q=product+number+77'),
  page('catalog search, misspelt', '/catalog?q=prodct+numbr'),
  page('catalog search, a sku', '/catalog?q=SKU-77'),
  page('one product', '/catalog/prd_42'),
  page('settings', '/settings'),
  page('tokens', '/settings/tokens'),
  page('who did what', '/settings/audit'),
  page('health', '/health'),
  page('login', '/login'),
]

export const answers: readonly MeasuredPath[] = [
  page('GET /api/openapi.json', '/api/openapi.json'),
  page('GET /api/health', '/api/health'),
  page('GET /api/audit', '/api/audit'),
  page('GET /api/lists', '/api/lists'),
  page('GET /api/lists/{list}', '/api/lists/list-3'),
  page('GET /api/items', '/api/items?list=list-3'),
  page('GET /api/needs', '/api/needs?list=list-3'),
  page('GET /api/items/{item}', '/api/items/itm_42'),
  page('GET /api/items/{item}/history', '/api/items/itm_42/history'),
  page('GET /api/orders', '/api/orders'),
  page('GET /api/orders, one list, limit 200', '/api/orders?list=list-3&limit=200'),
  page('GET /api/orders, attention', '/api/orders?attention=true'),
  page('GET /api/orders/{order}', '/api/orders/ord_40'),
  page('GET /api/runs', '/api/runs'),
  page('GET /api/runs/{run}', '/api/runs/run_5'),
  page('GET /api/runs/{run}/steps', '/api/runs/run_5/steps'),
  page('GET /api/schedules', '/api/schedules'),
  page('GET /api/schedules/{schedule}', '/api/schedules/list-3-daily'),
  page('GET /api/schedules/{schedule}/next', '/api/schedules/list-3-daily/next'),
  page('GET /api/limits', '/api/limits?list=list-3'),
  page('GET /api/suppliers', '/api/suppliers'),
  page('GET /api/catalog/search', '/api/catalog/search?text=product+number+77'),
  page('GET /api/offers/{offer}/prices', '/api/offers/off_42/prices'),
]

/** Routes that answer a GET and are not measured, with the reason. */
export const unmeasured: readonly (readonly [route: RegExp, reason: string])[] = [
  [/^\/assets\//, 'files that a browser keeps'],
  [/^\/start\/example\//, 'the example’s files, as they are'],
  [/^\/events\//, 'streams that last as long as the page is open'],
  [/^\/(healthz|readyz)$/, 'asked by machines, each in a look of their own at database and queue'],
  [/^\/queues(\/|$)/, 'the queue dashboard is another project’s'],
]

interface Route {
  readonly method: string
  readonly path: string
}

/** Routes of an app that answer a GET, are not measured, and of which nothing says why. */
export function findForgotten(routes: readonly Route[]): string[] {
  const gets = routes.filter(({ method, path }) => method === 'GET' && !path.includes('*')).map(({ path }) => path)
  const measured = new Set([...pages, ...answers].map(({ path }) => routeOf(gets, path)))
  return [...new Set(gets)].filter(
    (route) => !measured.has(route) && !unmeasured.some(([pattern]) => pattern.test(route)),
  )
}

/** The first that matches, as the app itself chooses: `/items/import` is no item. */
function routeOf(routes: readonly string[], path: string): string | undefined {
  const asked = path.replace(/\?.*/, '')
  return routes.find((route) => new RegExp(`^${route.replace(/:\w+(\{[^}]*\})?/g, '[^/]+')}$`).test(asked))
}
