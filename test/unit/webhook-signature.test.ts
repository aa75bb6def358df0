import { describe, expect, it } from 'vitest'
import { isWebhookSignatureValid, signatureHeaders } from '../../src/purchasing/channels/webhook-signature.js'

// The example of the specification, https://github.com/standard-webhooks/standard-webhooks.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const timestamp = '1614265330'
const body = '{"test": 2432232314}'
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

describe('webhook signatures', () => {
  it('are those of the specification', () => {
    expect(signatureHeaders(secret, { id, at: new Date(1_614_265_330_999), body })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    })
  })

  it('take a secret without the prefix as it is written', () => {
    const signed = signatureHeaders('plain text secret', { id, at: new Date(1_614_265_330_000), body })
    expect(signed['webhook-signature']).toBe('v1,IYSVnKtG804hqZ2Va3gdLxRq5/uJG6Qm9rCWHPsrEcM=')
  })

  it.each<[string, Partial<{ id: string; timestamp: string; signature: string; body: string }>, boolean]>([
    ['the right one', {}, true],
    ['the right one among others', { signature: `v1,AAAA v2,xyz ${signature}` }, true],
    ['another body', { body: '{"test": 1}' }, false],
    ['another id', { id: 'msg_other' }, false],
    ['another time', { timestamp: '1614265331' }, false],
    ['another version', { signature: signature.replace('v1', 'v2') }, false],
    ['nothing', { signature: '' }, false],
  ])('are checked: %s', (_, change, isValid) => {
    const given = { id, timestamp, signature, body, ...change }
    expect(isWebhookSignatureValid(secret, given, given.body)).toBe(isValid)
  })
})
