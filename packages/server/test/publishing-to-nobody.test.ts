import { contract, event, procedure } from '@frameport/protocol'
import { createServer, implement, ServerError, serverErrorCodes } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const room = contract('room', {
  version: 1,
  procedures: { ping: procedure({}) },
  events: { line: event(z.string(), { topic: z.object({ room: z.string() }) }), bell: event(z.number()) },
})
const { line, bell } = room.events
const implementation = implement(room).handlers({ ping: () => undefined })
const server = createServer(implementation)
const unchecked = createServer(implementation, { validateOutputs: false })

const thrown = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('publish without subscribers refuses', () => {
  it('a topic that does not match its schema, unless validateOutputs is false', () => {
    const topic = { room: 5 } as never
    expect(thrown(() => server.publish(line, topic, 'x'))).toMatchObject({ code: 'INVALID_TOPIC' })
    expect(unchecked.publish(line, topic, 'x').reached).toBe(0)
    expect(server.publish(line, { room: 'a' }, 'x').reached).toBe(0)
    expect(server.publish(bell, 5).reached).toBe(0)
  })

  it('a payload that does not match its schema, with the issues in the cause', () => {
    expect(thrown(() => server.publish(bell, 'x' as never))).toMatchObject({
      code: 'INVALID_PAYLOAD',
      cause: { data: { issues: [{ path: '' }] } },
    })
  })

  it.each<[unknown, string]>([
    [
      contract('other', { version: 1, procedures: room.procedures, events: { bell: event(z.number()) } })
        .events.bell,
      'other/bell: ',
    ],
    [{ name: 5 }, 'an object: '],
    [undefined, 'undefined: '],
    ['line', '"line": '],
  ])('an event that the server does not serve, and names it', (given, begin) => {
    const error = thrown(() => server.publish(given as never, 1 as never, 1 as never)) as Error
    expect(error).toMatchObject({ code: 'UNKNOWN_EVENT' })
    expect(error.message.startsWith(begin)).toBe(true)
  })
})

it('the text of an error without a detail begins with what happened', () => {
  const { happened, fix } = serverErrorCodes.SERVER_CLOSED
  expect(new ServerError('SERVER_CLOSED').message).toBe(`${happened} ${fix}`)
  expect(new ServerError('SERVER_CLOSED', 'x').message).toBe(`x: ${happened} ${fix}`)
})
