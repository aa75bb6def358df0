/**
 * Signatures as https://www.standardwebhooks.com describes them, so that suppliers can check with a library of theirs
 * that an order comes from us: HMAC-SHA256 over `id.timestamp.body`, in base64, after the version `v1`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedRequest {
  /** The same for each attempt to say the same. */
  readonly id: string
  readonly at: Date
  /** Exactly the bytes that are sent; empty for a request without a body. */
  readonly body: string
}

/** The three headers. A secret that starts with `whsec_` is base64 after that; any other is taken as it is written. */
export function signatureHeaders(secret: string, request: SignedRequest): Record<string, string> {
  const timestamp = Math.floor(request.at.getTime() / 1000)
  return {
    'webhook-id': request.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signatureOf(secret, request.id, timestamp, request.body)}`,
  }
}

/** The receiver's side: true where one of the signatures given is right. How old a timestamp may be is for the caller to say. */
export function isWebhookSignatureValid(
  secret: string,
  headers: { readonly id: string; readonly timestamp: string; readonly signature: string },
  body: string,
): boolean {
  const expected = Buffer.from(signatureOf(secret, headers.id, Number(headers.timestamp), body))
  return headers.signature.split(' ').some((entry) => {
    const [version, signature] = entry.split(',', 2)
    const given = Buffer.from(signature ?? '')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}
