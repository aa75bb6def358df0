#!/usr/bin/env node
import { runServerEntry } from '../entry.js'
import { createListServer } from './server.js'

await runServerEntry({ name: 'list', create: createListServer })
