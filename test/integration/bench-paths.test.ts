import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, findForgotten, pages, unmeasured } from '../../bench/web/paths.js'
import { createWebApp } from '../../src/web/app.js'
import { type ApiWorld, openApiWorld } from '../helpers/api-world.js'
import { localWeb } from '../helpers/web.js'

let world: ApiWorld
beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world?.close())

test('the web benchmark measures every page and every answer that the app has, or says why not', () => {
  const { routes } = createWebApp({ ctx: world.ctx, queue: world.queue, config: { web: localWeb } })
  expect(findForgotten(routes)).toEqual([])
  expect(findForgotten([...routes, { method: 'GET', path: '/novelties/:id' }])).toEqual(['/novelties/:id'])
  // A path that is measured as another one's: an id that looks like a page's name.
  expect(findForgotten([{ method: 'GET', path: '/items/:id' }, ...routes])).toContain('/items/new')
  const all = [...pages, ...answers].map(({ what }) => what)
  expect(new Set(all).size).toBe(all.length)
  const gets = routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  for (const [pattern] of unmeasured) expect(gets.some((path) => pattern.test(path))).toBe(true)
})
