import { contract, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'

/*
 * Tests that fail, for each test runner: shown-failures.test.ts reads the output. Plain JavaScript, because node:test
 * runs it without a transformation.
 */

class DiskFull extends Error {
  name = 'DiskFull'
}

const desk = contract('desk', { version: 1, procedures: { save: procedure({}) } })

/** A call whose handler threw. The test client knows the error. */
export async function failingCall() {
  const client = createTestClient(
    implement(desk).handlers({
      save() {
        throw new DiskFull('no block is left', { cause: new TypeError('write gave -28') })
      },
    }),
  )
  try {
    await client.save()
  } finally {
    await client.$close({ graceMs: 0 })
  }
}

/** A failure with data and a cause, like those of an application. */
export function failure() {
  const cause = new DiskFull('no block is left')
  return new RpcError('UNAVAILABLE', 'not now', { data: { shelf: 3 }, procedure: 'desk/save', cause })
}
