/**
 * One request to a supplier's server, with the care that an address somebody else wrote down needs: https outside of this
 * machine, no private addresses, no redirects, a cap on what is read, and a clear word on whether anything was sent.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { NotSentError } from './channel.js'
import { isLoopbackName, isPrivateAddress } from './private-address.js'

export interface SupplierRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Empty: none. */
  readonly body: string
  readonly signal: AbortSignal
}

export interface SupplierResponse {
  readonly status: number
  readonly location: string | null
  readonly text: string
}

const maxAnswerBytes = 1_000_000

/**
 * Sends a request and reads the answer, whatever its status.
 *
 * @throws NotSentError where the request has not left this machine; any other error means that it may have arrived.
 */
export async function requestSupplier(
  input: SupplierRequest,
  resolveName: LookupFunction = lookup,
): Promise<SupplierResponse> {
  const url = checkedUrl(input.url)
  const isTls = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    let isConnected = false
    const fail = (error: Error) =>
      reject(
        isConnected ? error : new NotSentError(`${url.host} can't be reached: ${reasonOf(error)}`, { cause: error }),
      )
    if (input.signal.aborted) return fail(new Error('there was no time left'))
    const request = (isTls ? httpsRequest : httpRequest)(url, {
      method: input.method,
      headers: {
        ...input.headers,
        accept: 'application/json',
        'user-agent': 'restock',
        ...(input.body === '' ? {} : { 'content-length': String(Buffer.byteLength(input.body)) }),
      },
      // A connection of its own: whether it was made says whether anything can have been sent.
      agent: false,
      signal: input.signal,
      lookup: isLoopbackName(url.hostname) ? lookup : publicOnly(resolveName),
    })
    request.once('socket', (socket) =>
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        isConnected = true
      }),
    )
    request.once('error', fail)
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > maxAnswerBytes)
          response.destroy(new Error(`${url.host} answered with more than ${maxAnswerBytes} bytes`))
        else chunks.push(chunk)
      })
      response.once('error', fail)
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? null,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    request.end(input.body)
  })
}

function checkedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new NotSentError('the supplier has no URL that orders could be sent to')
  const url = new URL(text)
  if (isLoopbackName(url.hostname) && /^https?:$/.test(url.protocol)) return url
  if (url.protocol !== 'https:') throw new NotSentError(`${url.host}: orders go over https only`)
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && isPrivateAddress(literal)) throw new NotSentError(`${url.host} is a private address`)
  return url
}

/** Looks a name up and gives only public addresses, which are then the ones connected to: a name can't change in between. */
function publicOnly(resolveName: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0)
      const addresses: readonly LookupAddress[] =
        typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found
      const [first] = addresses
      if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new Error(`${hostname} is a private address`), '', 0)
      }
      if (options.all === true) return callback(null, [...addresses])
      return callback(null, first.address, first.family)
    })
  }
}

function reasonOf(error: Error): string {
  if ('code' in error && error.code === 'ENOTFOUND') return 'there is no such name'
  if ('code' in error && error.code === 'ECONNREFUSED') return 'nobody answers there'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no connection in time'
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0].message : error.message
}
