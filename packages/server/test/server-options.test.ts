import { contract, procedure } from '@frameport/protocol'
import { checkImplementation, createServer, implement } from '@frameport/server'
import { tcp } from '@frameport/server/tcp'
import { describe, expect, it } from 'vitest'
import { pipe } from './support/pipe.ts'

const implementation = implement(
  contract('room', { version: 1, procedures: { ping: procedure({}) } }),
).handlers({ ping: () => undefined })

describe('A limit may have its documented extreme value', () => {
  const frameBytesMax = 1_048_576
  it.each([
    [
      'transportCloseTimeoutMs',
      { transportCloseTimeoutMs: 2 ** 31 - 1 },
      { transportCloseTimeoutMs: 2 ** 31 },
    ],
    ['busTimeoutMs', { busTimeoutMs: 2 ** 31 - 1 }, { busTimeoutMs: 2 ** 31 }],
    ['logTimeoutMs', { logTimeoutMs: 2 ** 31 - 1 }, { logTimeoutMs: 2 ** 31 }],
    [
      'memoryBytesMax',
      { frameBytesMax, memoryBytesMax: 2 * frameBytesMax },
      { frameBytesMax, memoryBytesMax: 2 * frameBytesMax - 1 },
    ],
  ])('%s, but not a value beyond it', (name, limits, over) => {
    expect(() => createServer(implementation, { limits })).not.toThrow()
    expect(() => createServer(implementation, { limits: over })).toThrow(
      expect.objectContaining({ code: 'INVALID_LIMITS', message: expect.stringContaining(name) }),
    )
  })
})

describe('The error names the wrong option:', () => {
  const server = createServer(implementation)
  const accept = (from: unknown) => server.accept(pipe()[0], from as never)
  it.each<[string, () => unknown, string]>([
    ['remoteEndpoint', () => accept({ remoteEndpoint: 5 }), 'remoteEndpoint is 5, not a string'],
    ['from', () => accept({ remote: 'x' }), 'from has no "remote"'],
    [
      'inheritDeadline',
      () => createServer(implementation, { clientCalls: { inheritDeadline: 'yes' as never } }),
      'clientCalls.inheritDeadline is "yes", not a boolean',
    ],
    [
      'an option of tcp()',
      () => tcp('tcp://127.0.0.1:0', { backlogg: 5 } as never),
      'options has no "backlogg"',
    ],
  ])('%s', (_, run, text) => {
    expect(run).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }),
    )
  })

  it('none if the options are correct', () => {
    for (const inheritDeadline of [true, false, undefined])
      expect(() => createServer(implementation, { clientCalls: { inheritDeadline } })).not.toThrow()
  })
})

it.each<[string, unknown]>([
  ['of another kind', { ...implementation, kind: 'handlerPart' }],
  ['without bindings', { ...implementation, bindings: {} }],
])('createServer refuses an object that resembles an implementation: %s', (_, given) => {
  expect(() => checkImplementation(given, 'createServer')).toThrow(
    expect.objectContaining({
      code: 'INVALID_CONTRACT',
      message: expect.stringContaining('createServer needs the implementation of a contract'),
    }),
  )
  expect(() => checkImplementation(implementation, 'createServer')).not.toThrow()
})
