import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../errors.js'
import type { Cluster } from './cluster.js'
import { presenceName } from './connect.js'
import { type FoundServer, findServer } from './find-server.js'

/** For a process that can't do without the server: how to get it back, and whom to tell when that fails. */
export interface Revival {
  /** The server, started again if need be. Throws when that fails; with `ServerLostError` when trying again is no use. */
  revive(): Promise<FoundServer>
  onGone(error: Error): void
}

/** The server will not come back where this process could find it. */
export class ServerLostError extends UnavailableError {}

/** How long a server that went away is tried to be brought back. */
const reviveForMs = 30_000
/** Every connection must have heard that it is cut before things close: BullMQ stops listening for that when it closes. */
const settleMs = 2_000

/**
 * One open connection that tells the other Restock processes: somebody here still needs the server. It ends with the
 * process however that ends, so nobody has to clean up after a kill -9. When the server goes away and comes back, it
 * connects again; it keeps the process alive until `leave`.
 */
export interface Presence {
  /** The server as it runs now, which may be a later one than at first, and how many others use it. Undefined: none runs. */
  lookAround(): Promise<{ readonly pid: number; readonly others: number } | undefined>
  /** No more reviving: resolves when an attempt under way has ended. Harmless when repeated. */
  retire(): Promise<void>
  /** From here on the others don't count us. Harmless when repeated, never throws. */
  leave(): Promise<void>
}

export function keepPresence(cluster: Cluster, first: FoundServer, revival?: Revival): Presence {
  let reviving: Promise<void> | undefined
  let retired = false
  let server: FoundServer | undefined
  let left = false
  let timer: NodeJS.Timeout | undefined

  const hold = (next: FoundServer): void => {
    server = next
    next.client.once('end', () => {
      if (server !== next) return
      server = undefined
      if (left) return
      cluster.log.warn({ data: cluster.data }, 'the connection to the embedded database was lost')
      if (revival === undefined) reconnectIn(250)
      else if (!retired) reviving = reviveBy(revival, Date.now() + reviveForMs)
    })
  }

  const reviveBy = async ({ revive, onGone }: Revival, deadline: number): Promise<void> => {
    for (let waitMs = 250; !retired; waitMs = Math.min(waitMs * 2, 4_000)) {
      try {
        const next = await revive()
        if (left) {
          await next.client.end().catch(() => undefined)
          return
        }
        hold(next)
        cluster.log.warn({ data: cluster.data, port: next.port }, 'the embedded database is back')
        return
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error))
        if (retired) return
        if (failure instanceof ServerLostError || Date.now() >= deadline) {
          await sleep(settleMs)
          if (!retired) onGone(failure)
          return
        }
        cluster.log.warn({ err: failure }, 'the embedded database could not be brought back; trying again')
      }
      await sleep(waitMs)
    }
  }

  const reconnectIn = (delayMs: number): void => {
    timer = setTimeout(() => {
      void findServer(cluster, Date.now())
        .catch(() => undefined)
        .then((next) => {
          if (left || server !== undefined) {
            void next?.client.end().catch(() => undefined)
          } else if (next === undefined) {
            reconnectIn(Math.min(delayMs * 2, 5_000))
          } else {
            hold(next)
            cluster.log.info({ data: cluster.data, port: next.port }, 'connected to the embedded database again')
          }
        })
    }, delayMs)
    timer.unref()
  }

  hold(first)
  return {
    lookAround: async () => {
      if (server === undefined) {
        const found = await findServer(cluster, Date.now() + 3_000)
        if (found === undefined) return undefined
        hold(found)
      }
      const current = server
      if (current === undefined) return undefined
      // Somebody removed the folder under the server: it can't answer, and is of no use to anyone.
      if (!existsSync(cluster.data)) return { pid: current.pid, others: 0 }
      let others = await countOthers(current)
      if (others > 0) {
        // Who was killed this instant is still listed until the server has noticed.
        await sleep(50)
        others = await countOthers(current)
      }
      return { pid: current.pid, others }
    },
    retire: async () => {
      retired = true
      await reviving
    },
    leave: async () => {
      if (left) return
      left = true
      clearTimeout(timer)
      const client = server?.client
      server = undefined
      if (client === undefined) return
      // The list of connections lags behind a closed one; another name takes us off it in the same instant.
      await client.query("set application_name = 'restock-gone'").catch(() => undefined)
      await Promise.race([client.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })])
    },
  }
}

async function countOthers({ client }: FoundServer): Promise<number> {
  const { rows } = await client.query<{ others: number }>(
    'select count(*)::int as others from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
    [presenceName],
  )
  return rows[0]?.others ?? 0
}
