import { describe, expect, test } from 'vitest'
import { type Endpoint, endpointUrl, limits, parseEndpoint } from '../../src/index.ts'
import { thrownError } from '../thrown-error.ts'

describe('parseEndpoint reads', () => {
  test.each<[string, Endpoint]>([
    ['tcp://127.0.0.1:5500', { kind: 'tcp', host: '127.0.0.1', port: 5500 }],
    ['tcp://127.0.0.1:5500/', { kind: 'tcp', host: '127.0.0.1', port: 5500 }],
    ['TCP://Example.org:0', { kind: 'tcp', host: 'Example.org', port: 0 }],
    ['tcp://[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
    ['tcp://[fe80::1%eth0]:1', { kind: 'tcp', host: 'fe80::1%eth0', port: 1 }],
    ['tcp://my_service:80', { kind: 'tcp', host: 'my_service', port: 80 }],
    ['unix:/run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
    ['unix:///run/app.sock', { kind: 'unix', path: '/run/app.sock' }],
    ['unix:relative.sock', { kind: 'unix', path: 'relative.sock' }],
    ['unix:\\\\.\\pipe\\app', { kind: 'unix', path: '\\\\.\\pipe\\app' }],
  ])('%s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint)
    expect(parseEndpoint(endpoint)).toEqual(endpoint)
    expect(parseEndpoint(endpointUrl(endpoint))).toEqual(endpoint)
  })
})

describe('parseEndpoint refuses, and says what was meant', () => {
  test.each<[text: string, says: RegExp]>([
    ['127.0.0.1:5500', /Perhaps you meant: tcp:\/\/127\.0\.0\.1:5500/],
    ['http://127.0.0.1:80/', /Perhaps you meant: tcp:\/\/127\.0\.0\.1:80/],
    ['localhost:80', /Perhaps you meant: tcp:\/\/localhost:80/],
    ['5500', /Perhaps you meant: tcp:\/\/127\.0\.0\.1:5500/],
    ['/run/app.sock', /Perhaps you meant: unix:\/run\/app\.sock/],
    ['tcp:127.0.0.1:1', /'\/\/' is missing.*tcp:\/\/127\.0\.0\.1:1/],
    ['tcp://::1:5500', /needs brackets.*tcp:\/\/\[::1\]:5500/],
    ['tcp://::1', /needs brackets/],
    ['tcp://[127.0.0.1]:1', /not an IPv6 address/],
    ['tcp://:5500', /the host is missing.*tcp:\/\/127\.0\.0\.1:5500/],
    ['tcp://example.org', /the port is missing.*tcp:\/\/example\.org:5500/],
    ['tcp://example.org:', /the port is missing/],
    ['tcp://[::1]', /the port is missing/],
    ['tcp://h:http', /'http' is not a port/],
    ['tcp://h:65536', /65536 is not a whole number from 0 to 65535/],
    ['tcp://h:-1', /'-1' is not a port/],
    ['tcp://user@h:1', /only a host and a port/],
    ['tcp://h:1/path', /only a host and a port/],
    ['tcp://bad host:1', /neither an IP address nor a host name/],
    ['unix:', /the path is missing/],
    ['memory:room', /no known scheme/],
    ['tls://example.org:443', /no known scheme/],
    ['wss://example.org/path', /no known scheme/],
    ['', /no known scheme/],
    ['gopher://h:1', /no known scheme/],
  ])('%j', (text, says) => {
    const error = thrownError(() => parseEndpoint(text))
    expect(error.code).toBe('INVALID_ENDPOINT')
    expect(error.message).toMatch(says)
  })

  test.each<[string, unknown]>([
    ['an unknown kind', { kind: 'carrier-pigeon' }],
    ['a port that is a string', { kind: 'tcp', host: 'h', port: '80' }],
    ['a port that is not an integer', { kind: 'tcp', host: 'h', port: 80.5 }],
    ['no host', { kind: 'tcp', port: 80 }],
    ['a path with a NUL character', { kind: 'unix', path: 'a\0b' }],
  ])('%s in an object', (_, endpoint) => {
    expect(thrownError(() => parseEndpoint(endpoint as Endpoint)).code).toBe('INVALID_ENDPOINT')
  })
})

describe('the message says what was given instead of an endpoint', () => {
  test.each([
    [
      'a URL object',
      new URL('tcp://127.0.0.1:5500'),
      /it is a URL object: .* Perhaps you meant: its href, 'tcp:\/\/127\.0\.0\.1:5500'/,
    ],
    [
      'a number',
      5500,
      /5500, it is neither a string nor an object with a kind: .* Perhaps you meant: tcp:\/\/127\.0\.0\.1:5500/,
    ],
    ['a String object', new String('tcp://h:1'), /it is neither a string nor an object with a kind/],
    [
      'a path of bytes',
      { kind: 'unix', path: new Uint8Array(2) },
      /the path Uint8Array\(2\) .* is not a string/,
    ],
    ['an address without a host', { kind: 'tcp', port: 1 }, /the host is missing/],
  ])('%s', (_, given, text) => {
    expect(thrownError(() => parseEndpoint(given as unknown as Endpoint)).message).toMatch(text)
  })
})

describe('the length of a unix path, in bytes', () => {
  const max = limits.unixPathBytes.max

  test('at the limit', () => {
    expect(parseEndpoint(`unix:${'p'.repeat(max)}`).kind).toBe('unix')
  })

  test.each([max + 1, max * 100])('%i is over', (length) => {
    expect(thrownError(() => parseEndpoint(`unix:${'p'.repeat(length)}`)).message).toMatch(
      /longer than 107 bytes/,
    )
  })

  test('counts bytes, not characters', () => {
    expect(thrownError(() => parseEndpoint(`unix:${'é'.repeat(max / 2 + 1)}`)).code).toBe('INVALID_ENDPOINT')
  })
})
