import { expect, it } from 'vitest'
import { whereGivenAgain } from '../../src/checks/stacks.ts'

const withCode = (code: string) => Object.assign(new Error('started twice'), { code, stack: 'of the stream' })

function callerInStack(error: unknown): unknown {
  return whereGivenAgain(error)
}

it('an error for a stream that is already started has the caller in its stack', () => {
  const error = withCode('ALREADY_STARTED')
  expect(callerInStack(error)).toBe(error)
  expect(error.stack).toMatch(/^Error: started twice\n +at callerInStack /)
})

it('any other error keeps its stack', () => {
  const others = [withCode('CLOSED'), { code: 'ALREADY_STARTED', stack: 'of the stream' }]
  for (const other of others) expect(callerInStack(other)).toMatchObject({ stack: 'of the stream' })
  expect(callerInStack(undefined)).toBeUndefined()
})

it('an error that cannot be read or changed is returned as it is', () => {
  const unreadable = new Proxy(new Error('x'), {
    has() {
      throw new Error('not for you')
    },
  })
  expect(callerInStack(unreadable)).toBe(unreadable)
  const frozen = Object.freeze(withCode('ALREADY_STARTED'))
  expect(callerInStack(frozen)).toBe(frozen)
})
