import { type ContractEvent, contract, event, procedure, type Schema } from '@frameport/protocol'
import { checkTopic } from '@frameport/protocol/contract'
import { expect, it } from 'vitest'
import { z } from 'zod'

const scopedTo = (topic: Schema): ContractEvent =>
  contract('news', {
    version: 1,
    procedures: { ping: procedure({}) },
    events: { line: event(z.string(), { topic }) },
  }).events.line

it('a topic that does not fit its schema is refused with the place of the mistake', () => {
  const line = scopedTo(z.object({ room: z.string() }))
  expect(() => checkTopic(line, { room: 5 })).toThrow(
    expect.objectContaining({
      code: 'INVALID_TOPIC',
      message:
        'the topic of news/line is not valid at room: Invalid input: expected string, received number.',
      cause: expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    }),
  )
  expect(checkTopic(line, { room: 'lobby' })).toBeUndefined()
})

it('a topic is refused with the error when its schema throws', () => {
  const broken = new Error('broken')
  const line = scopedTo({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => {
        throw broken
      },
    },
  })
  expect(() => checkTopic(line, 'lobby')).toThrow(
    expect.objectContaining({
      code: 'INVALID_TOPIC',
      message: 'the validator of the topic of news/line failed.',
      cause: expect.objectContaining({ cause: broken }),
    }),
  )
})

it('an asynchronous schema of a topic is not awaited, and its result is ignored', async () => {
  const line = scopedTo(z.string().refine(async () => false))
  expect(checkTopic(line, 'lobby')).toBeUndefined()
  await new Promise((resolve) => setImmediate(resolve))
})

it('any topic of an event without topics passes', () => {
  const { bell } = contract('news', {
    version: 1,
    procedures: { ping: procedure({}) },
    events: { bell: event(z.string()) },
  }).events
  expect(checkTopic(bell, { room: 5 })).toBeUndefined()
})
