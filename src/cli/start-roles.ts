import { maskConfig } from '../config/config.js'
import { startWorkers } from '../processors/start-workers.js'
import { dueSubmissions } from '../purchasing/sending/due-submissions.js'
import { announceScheduler } from '../runs/workers.js'
import { startScheduler } from '../schedules/beat.js'
import type { About } from '../web/pages/page-parts.js'
import { startWeb } from '../web/start-web.js'
import { checkAll } from './checks/check-all.js'
import { checkNode } from './checks/check-machine.js'
import type { App } from './open-app.js'
import { createWorkerContext } from './worker-context.js'

export type Role = 'scheduler' | 'worker' | 'web'

export interface RunningRoles {
  /** Where the dashboard is; null: the web role is not among them. */
  readonly webUrl: string | null
}

/**
 * Starts roles in this process. They stop with the app, in reverse order: first nothing new is scheduled, then work in hand
 * is finished or abandoned, then the connections go.
 */
export async function startRoles(app: App, roles: readonly Role[]): Promise<RunningRoles> {
  const queue = app.queue()
  await queue.check()
  let webUrl: string | null = null
  if (roles.includes('worker')) {
    const worker = createWorkerContext(app)
    const workers = await startWorkers(worker, queue)
    app.lifecycle.own('workers', () => workers.close(Math.max(500, app.config.shutdownMs - 3_000)))
  }
  if (roles.includes('web')) {
    const web = await startWeb({ ctx: app.ctx, queue, config: app.config, about: aboutApp(app) })
    app.lifecycle.own('web', () => web.close())
    webUrl = web.url
  }
  if (roles.includes('scheduler')) {
    const scheduler = startScheduler(app.ctx, queue, {
      ...app.config.scheduler,
      retention: app.config.retention,
      dueSubmissions: () => dueSubmissions(app.ctx, { limit: 500 }),
    })
    const announcement = await announceScheduler(app.ctx, app.ctx.newId('beat'))
    app.lifecycle.own('scheduler', async () => {
      await scheduler.stop()
      await announcement.withdraw()
    })
  }
  return { webUrl }
}

function aboutApp({ config, log }: App): About {
  return {
    settings: () => maskConfig(config),
    check: async () => [checkNode(process.versions.node), ...(await checkAll(config, log, false))],
  }
}
