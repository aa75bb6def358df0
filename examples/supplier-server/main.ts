#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { behaviours } from './behaviours.js'
import { openOrderBook } from './order-book.js'
import { createSupplier } from './server.js'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4280' },
    'deliver-every': { type: 'string', default: '60' },
    secret: { type: 'string' },
    file: { type: 'string' },
  },
})

const app = createSupplier({
  book: openOrderBook(values.file ?? null),
  now: () => new Date(),
  deliverEveryMs: Number(values['deliver-every']) * 1000,
  secret: values.secret ?? null,
})
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(values.port) }, ({ port }) => {
  process.stdout.write(
    `A supplier takes orders at http://127.0.0.1:${port}/<behaviour>/orders, where <behaviour> is one of:\n`,
  )
  for (const [name, { about }] of Object.entries(behaviours)) process.stdout.write(`  ${name.padEnd(16)} ${about}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close())
