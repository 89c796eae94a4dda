import { expect, it } from 'vitest'
import { addressShare } from '../../src/index.ts'

it.each([
  ['an IPv4 address', 'tcp://192.0.2.1:51234', '192.0.2.1'],
  ['the same IPv4 address with another port', 'tcp://192.0.2.1:80', '192.0.2.1'],
  ['another transport', 'ws://192.0.2.1:51234/path?query', '192.0.2.1'],
  ['no port', 'tcp://192.0.2.1', '192.0.2.1'],
  ['the loopback', 'tcp://127.0.0.1:51234', undefined],
  ['another IPv4 loopback address', 'tcp://127.255.255.254:51234', undefined],
  ['an address that starts like the loopback address', 'tcp://12.7.0.1:1', '12.7.0.1'],
  ['an IPv6 address', 'tcp://[2001:db8:1:2:3:4:5:6]:51234', '2001:db8:1:2::/64'],
  ['the same /64', 'tcp://[2001:db8:1:2:ffff::1]:51234', '2001:db8:1:2::/64'],
  ['the same /64 in capitals', 'tcp://[2001:DB8:1:2::]:51234', '2001:db8:1:2::/64'],
  ['the next /64', 'tcp://[2001:db8:1:3:3:4:5:6]:51234', '2001:db8:1:3::/64'],
  ['zeros that are written out', 'tcp://[2001:0db8:0000:0000:0001::]:5', '2001:db8:0:0::/64'],
  ['zeros that are left out', 'tcp://[2001:db8::1]:5', '2001:db8:0:0::/64'],
  ['zeros left out at the beginning', 'tcp://[::2:3:4:5:6:7]:5', '0:0:2:3::/64'],
  ['zeros left out at the end', 'tcp://[2001:db8:1:2:3::]:5', '2001:db8:1:2::/64'],
  ['the loopback of IPv6', 'tcp://[::1]:51234', undefined],
  ['the loopback of IPv6, written out', 'tcp://[0:0:0:0:0:0:0:1]:51234', undefined],
  ['the address next to the loopback', 'tcp://[::2]:51234', '0:0:0:0::/64'],
  ['a link-local address with its zone', 'tcp://[fe80::1%eth0]:51234', 'fe80:0:0:0::/64'],
  ['an IPv4 address in IPv6', 'tcp://[::ffff:192.0.2.1]:51234', '192.0.2.1'],
  ['an IPv4 address in IPv6, in hexadecimal', 'tcp://[::ffff:c000:201]:51234', '192.0.2.1'],
  ['the loopback in IPv6', 'tcp://[::ffff:127.0.0.1]:51234', undefined],
  ['a unix socket', 'unix:/run/chat.sock', undefined],
  ['a unix socket without a name', 'unix:', undefined],
  ['memory', 'memory:', undefined],
  ['the name of a host', 'tcp://example.org:443', undefined],
  ['brackets around a text that is not an address', 'tcp://[no address]:5', undefined],
  ['numbers that are not an address', 'tcp://999.1.1.1:5', undefined],
  ['an IPv6 address with too many groups', 'tcp://[1:2:3:4:5:6:7:8:9]:5', undefined],
  ['nothing', '', undefined],
])('%s: %s', (_, remoteEndpoint, share) => {
  expect(addressShare(remoteEndpoint)).toBe(share)
})
