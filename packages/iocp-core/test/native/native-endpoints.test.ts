import { expect, test } from 'vitest'
import { boundEndpoint, peerEndpoint } from '../../src/native/native-endpoints.ts'

const listener = { kind: 'tcp', host: '127.0.0.1', port: 5500 } as const
const pathListener = { kind: 'unix', path: '/run/frameport.sock' } as const

test('a peer that was gone before it was accepted has the unspecified address and port 0', () => {
  expect(peerEndpoint(null, listener)).toEqual({ kind: 'tcp', host: '0.0.0.0', port: 0 })
  expect(peerEndpoint(null, { ...listener, host: '::1' })).toEqual({ kind: 'tcp', host: '::', port: 0 })
})

test('a peer with an address has that address', () => {
  expect(peerEndpoint([0, '127.0.0.1', 40_000], listener)).toEqual({ ...listener, port: 40_000 })
  expect(peerEndpoint(null, pathListener)).toBe(pathListener)
  expect(boundEndpoint(null, listener)).toBe(listener)
})
