import { expect, it } from 'vitest'
import { addressShare } from '../../src/index.ts'

it.each([
  ['the shortest IPv4 address', 'tcp://1.2.3.4:5', '1.2.3.4'],
  ['the longest IPv4 address', 'tcp://223.255.255.250:5', '223.255.255.250'],
  ['an address in decimal', 'tcp://3221225985:5', '192.0.2.1'],
  ['a name that contains an address', 'tcp://a.192.0.2.1.example:5', undefined],
  ['a name that looks like an address', 'tcp://x1.2.3.4:5', undefined],
  ['an address after other text', 'see tcp://192.0.2.1:5', undefined],
  ['an address after a user name', 'tcp://user@192.0.2.1:5', undefined],
  ['a scheme that starts with a digit', '1tcp://192.0.2.1:5', undefined],
  ['no scheme', '192.0.2.1:5', undefined],
  ['a bracket that is not closed', 'tcp://[2001:db8::1', undefined],
  ['an IPv6 address before other text', 'tcp://[2001:db8::1]x', undefined],
  ['an IPv6 address without a port', 'tcp://[2001:db8:0:7::1]', '2001:db8:0:7::/64'],
  ['the unspecified IPv6 address', 'tcp://[::]:5', '0:0:0:0::/64'],
  ['a one in the second last group', 'tcp://[::1:0]:5', '0:0:0:0::/64'],
  ['a one in each of the last two groups', 'tcp://[::1:1]:5', '0:0:0:0::/64'],
  ['a one after another group', 'tcp://[::1:0:1]:5', '0:0:0:0::/64'],
  ['an address that only looks like IPv4 in IPv6', 'tcp://[::fffe:192.0.2.1]:5', '0:0:0:0::/64'],
  ['an IPv4 address in a longer IPv6 one', 'tcp://[64:ff9b::ffff:192.0.2.1]:5', '64:ff9b:0:0::/64'],
  ['all groups written out', 'tcp://[1:2:3:4:5:6:7:8]:5', '1:2:3:4::/64'],
])('%s: %s', (_, remoteEndpoint, share) => {
  expect(addressShare(remoteEndpoint)).toBe(share)
})
