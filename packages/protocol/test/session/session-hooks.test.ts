import { createVirtualClock } from '@frameport/testing'
import { describe, expect, it } from 'vitest'
import { createSession, type SessionOptions } from '../../src/session/index.ts'
import { Recorder } from '../support/sessions.ts'

/** Makes a session whose handlers have these members in addition to, or in place of, the required ones. */
function withHandlers(
  other: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
) {
  const required = { opened: noop, call: noop, event: noop, goaway: noop, closed: noop }
  return createSession({
    role: 'server',
    contracts: [],
    environment: createVirtualClock(),
    handlers: { ...required, ...other },
    ...more,
  } as unknown as SessionOptions)
}
const noop = () => undefined

describe('handlers', () => {
  it.each(['opened', 'call', 'event', 'goaway', 'closed'])('without %s are refused', (name) => {
    expect(() => withHandlers({ [name]: undefined })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => withHandlers({ [name]: undefined })).toThrow(name)
  })

  it.each([
    'hello',
    'uncaught',
    'wantsEvent',
    'eventDropped',
    'eventGap',
    'subscription',
    'subscriptionEnded',
  ])('may lack %s, and are refused if it is no function', (name) => {
    expect(withHandlers({}).state).toBe('opening')
    expect(() => withHandlers({ [name]: 5 })).toThrow(`handlers.${name} is 5`)
  })
})

it('a share needs the method takeRefusal', () => {
  expect(() => withHandlers({}, { share: {} })).toThrow('share')
  expect(withHandlers({}, { share: { key: 'one', takeRefusal: () => true } }).state).toBe('opening')
})

it('connectsAgain is a boolean', () => {
  expect(() => withHandlers({}, { connectsAgain: 'yes' })).toThrow('connectsAgain is "yes"')
  expect(withHandlers({}, { connectsAgain: true }).state).toBe('opening')
})

it.each(['nowMs', 'setTimer', 'random'])('an environment without %s is refused', (name) => {
  const environment = {
    nowMs: () => 0,
    setTimer: () => ({ cancel: noop }),
    random: () => 0,
    [name]: undefined,
  }
  expect(() => withHandlers({}, { environment })).toThrow(name)
})

it('an unknown option is refused, and a similar one is suggested', () => {
  const options = {
    role: 'client',
    contracts: [],
    environment: createVirtualClock(),
    handlers: new Recorder(),
  }
  expect(() => createSession({ ...options, limit: {} } as unknown as SessionOptions)).toThrow('limits')
})
