import { randomBytes } from 'node:crypto'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { type Command, InvalidArgumentError } from 'commander'
import type { DomainContext } from '../../platform/context.js'
import { stopSignal } from '../../platform/lifecycle.js'
import type { BasketSolver } from '../../purchasing/solver/solve-basket.js'
import type { Cli, GlobalOptions } from '../cli.js'
import type { App } from '../open-app.js'

type Create = (context: () => DomainContext, solver: BasketSolver) => McpServer

const servers: Readonly<Record<'list' | 'ordering', () => Promise<Create>>> = {
  list: async () => (await import('../../../servers/list/server.js')).createListServer,
  ordering: async () => (await import('../../../servers/ordering/server.js')).createOrderingServer,
}

export function registerMcp(program: Command, cli: Cli): void {
  const mcp = program
    .command('mcp')
    .description('Serve one of the two MCP servers to any MCP client.')
    .addHelpText('after', '\nExample:\n  restock mcp list\n  restock mcp ordering --http 8765')
  for (const [name, load] of Object.entries(servers)) {
    mcp
      .command(name)
      .description(`Serve the ${name} server over stdio, or over Streamable HTTP with --http.`)
      .option('--http <port>', 'listen on this port (0: any) instead of stdin and stdout', readPort)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .addHelpText(
        'after',
        `\nWithout RESTOCK_MCP_TOKEN a token for --http is made and printed.\n\nExample:\n  restock mcp ${name}\n  restock mcp ${name} --http 8765`,
      )
      .action(async (options: { http?: number; host: string }, command: Command) => {
        const stopped = stopSignal()
        const { createBasketSolver } = await import('../../purchasing/solver/solve-basket.js')
        const { serveHttp, serveStdio } = await import('../../../servers/transports.js')
        const create = await load()
        const solver = createBasketSolver()
        const serve = async (app: App) => {
          if (options.http === undefined) {
            await Promise.race([serveStdio(create(() => app.ctx, solver)), stopped])
            return
          }
          const token = app.config.mcpToken ?? randomBytes(24).toString('base64url')
          const server = await serveHttp(() => create(() => app.ctx, solver), {
            host: options.host,
            port: options.http,
            token,
          })
          const made = app.config.mcpToken === null ? token : null
          if (command.optsWithGlobals<GlobalOptions>().json === true) {
            cli.answer(command, { server: name, url: server.url, token: made }, () => '')
          } else {
            const hint = `\n  Authorization: Bearer ${token}   (for this time; RESTOCK_MCP_TOKEN sets a lasting one)`
            cli.io.stderr(`The ${name} MCP server listens at ${server.url}${made === null ? '' : hint}\n`)
          }
          await stopped
          await server.close()
        }
        await cli.withApp(command, serve, { doing: null }).finally(() => solver.close())
      })
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  }
  return port
}
