import { describe, expect, it } from 'vitest'
import { isLoopbackName, isPrivateAddress } from '../../src/purchasing/channels/private-address.js'

describe('private addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    'not an address',
  ])('%s is one', (address) => expect(isPrivateAddress(address)).toBe(true))

  it.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1::1', '::ffff:93.184.216.34'])(
    '%s is none',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  )

  it('knows the names of this machine and no others', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'].filter(isLoopbackName)).toHaveLength(4)
    expect(
      ['localhost.example.com', '127.0.0.1.example.com', '10.0.0.1', 'example.com'].filter(isLoopbackName),
    ).toEqual([])
  })
})
