#!/usr/bin/env node
import { createBasketSolver } from '../../src/purchasing/solver/solve-basket.js'
import { runServerEntry } from '../entry.js'
import { createOrderingServer } from './server.js'

// Starts no thread before the first basket that needs one.
const solver = createBasketSolver()
await runServerEntry({
  name: 'ordering',
  create: (context) => createOrderingServer(context, solver),
  close: () => solver.close(),
})
