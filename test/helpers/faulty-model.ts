import { createServer, type ServerResponse } from 'node:http'

/** What the endpoint does with a request: answers, hangs, or drops the connection. */
export type Fault =
  | 'hang'
  | 'drop'
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }

export interface FaultyModel {
  readonly baseUrl: string
  /** Requests so far. */
  readonly count: () => number
  close(): Promise<void>
}

/** An endpoint under /v1 on loopback that answers as told, whatever it is asked. `plan` gets the number of the request, from 1. */
export async function startFaultyModel(plan: (request: number) => Fault): Promise<FaultyModel> {
  let count = 0
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => answer(plan(++count), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(fault: Fault, response: ServerResponse): void {
  if (fault === 'hang') return
  if (fault === 'drop') {
    response.destroy()
    return
  }
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
  response.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body))
}

const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }

/** An answer in the chat completions protocol. */
export function completion(message: Readonly<Record<string, unknown>>): Fault {
  const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: null, ...message } }
  return { body: { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice], usage } }
}

let calls = 0

export function toolCall(name: string, args: string): Fault {
  return completion({ tool_calls: [{ id: `call_${++calls}`, type: 'function', function: { name, arguments: args } }] })
}
