import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NotSentError } from '../../src/purchasing/channels/channel.js'
import { requestSupplier } from '../../src/purchasing/channels/http-request.js'

let server: Server
let port: number
let seen: { method: string | undefined; url: string | undefined; body: string }[] = []
let respond: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('{}')

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, body })
      respond(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function post(url: string, timeoutMs = 2_000) {
  seen = []
  return requestSupplier({
    method: 'POST',
    url,
    headers: { 'x-test': '1' },
    body: '{"a":1}',
    signal: AbortSignal.timeout(timeoutMs),
  })
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return `${error instanceof NotSentError ? 'not sent' : 'doubt'}: ${error.message}`
  }
  return 'no failure'
}

describe('a request to a supplier', () => {
  it('arrives whole, and its answer is read whatever its status', async () => {
    respond = (_, response) => {
      response.statusCode = 409
      response.end('{"b":2}')
    }
    expect(await post(`http://127.0.0.1:${port}/orders`)).toEqual({ status: 409, location: null, text: '{"b":2}' })
    expect(seen).toEqual([{ method: 'POST', url: '/orders', body: '{"a":1}' }])
  })

  it('follows no redirect', async () => {
    respond = (request, response) => {
      if (request.url === '/orders') response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` })
      response.end()
    }
    expect(await post(`http://127.0.0.1:${port}/orders`)).toMatchObject({ status: 307, location: expect.any(String) })
    expect(seen.map(({ url }) => url)).toEqual(['/orders'])
  })

  it.each([
    ['http to another machine', 'http://supplier.example/orders', 'https only'],
    ['a private address', 'https://10.0.0.7/orders', 'private address'],
    ['a private address in IPv6', 'https://[fd00::7]/orders', 'private address'],
    ['the address of a cloud’s secrets', 'https://169.254.169.254/orders', 'private address'],
    ['another protocol', 'ftp://supplier.example/orders', 'https only'],
    ['no URL', '', 'no URL'],
    ['a port where nobody listens', 'http://127.0.0.1:1/orders', 'nobody answers'],
  ])('is not sent to %s', async (_, url, why) => {
    const failure = await failureOf(post(url))
    expect(failure).toMatch(/^not sent: /)
    expect(failure).toContain(why)
    expect(seen).toEqual([])
  })

  it.each<[string, readonly string[]]>([
    ['to this machine', ['127.0.0.1']],
    ['to a private address among others', ['93.184.216.34', '10.0.0.1']],
    ['to nothing', []],
  ])('is not sent to a name that resolves %s', async (_, addresses) => {
    seen = []
    const work = requestSupplier(
      {
        method: 'GET',
        url: `https://rebind.example:${port}/`,
        headers: {},
        body: '',
        signal: AbortSignal.timeout(2_000),
      },
      (_name, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
    )
    expect(await failureOf(work)).toMatch(/^not sent: .*private address/)
    expect(seen).toEqual([])
  })

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['the line goes dead', (request) => request.socket.destroy()],
    ['there is no answer in time', () => undefined],
    [
      'the answer has no end',
      (_, response) => {
        response.write('x'.repeat(600_000))
        response.write('x'.repeat(600_000))
      },
    ],
  ])('leaves a doubt where %s', async (_, behave) => {
    respond = behave
    expect(await failureOf(post(`http://127.0.0.1:${port}/orders`, 500))).toMatch(/^doubt: /)
    expect(seen).toHaveLength(1)
  })
})
