#!/usr/bin/env node
import { runServerEntry } from '../entry.js'
import { createOrderingServer } from './server.js'

await runServerEntry({ name: 'ordering', create: createOrderingServer })
