import { contract, procedure, RpcError } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { createTestClient } from '@frameport/testing/client'

/*
 * Tests that fail, for whatever runs them: shown-failures.test.ts reads what is printed. Plain JavaScript, because node:test
 * runs it as it stands.
 */

class DiskFull extends Error {
  name = 'DiskFull'
}

const desk = contract('desk', { version: 1, procedures: { save: procedure({}) } })

/** A call whose handler threw: the client of a test knows what. */
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

/** A failure with data and a cause, as an application makes one. */
export function failure() {
  const cause = new DiskFull('no block is left')
  return new RpcError('UNAVAILABLE', 'not now', { data: { shelf: 3 }, procedure: 'desk/save', cause })
}
