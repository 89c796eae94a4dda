import { expect, test } from 'vitest'
import { chooseWaker, hasLoop } from '../../src/native/choose-waker.ts'

const node = { node: '20.20.2', uv: '1.46.0' }

test('the event loop wakes, unless the variable names the thread', () => {
  expect(chooseWaker({ findsLoop: true }, node, undefined)).toBe('loop')
  expect(chooseWaker({ findsLoop: true }, node, 'loop')).toBe('loop')
  expect(chooseWaker({ findsLoop: true }, node, 'thread')).toBe('thread')
})

test('a thread wakes if the addon has not found the functions of an event loop', () => {
  expect(hasLoop({ findsLoop: true }, node)).toBe(true)
  expect(hasLoop({ findsLoop: false }, node)).toBe(false)
  expect(chooseWaker({ findsLoop: false }, node, undefined)).toBe('thread')
})

test.each(['bun', 'deno', 'electron', 'nw', 'node-webkit'])(
  'the loop of %s is not used, whatever the runtime exports',
  (name) => {
    expect(hasLoop({ findsLoop: true }, { ...node, [name]: '1.0.0' })).toBe(false)
    expect(chooseWaker({ findsLoop: true }, { ...node, [name]: '1.0.0' }, undefined)).toBe('thread')
  },
)

test('naming a loop that cannot be used is an error with the reason, and so is any unknown name', () => {
  expect(() => chooseWaker({ findsLoop: false }, node, 'loop')).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/FRAMEPORT_WAKER is 'loop', but .*only that of Node\.js on Linux can/),
    }),
  )
  expect(() => chooseWaker({ findsLoop: true }, node, 'Loop')).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("FRAMEPORT_WAKER is 'Loop', not one of loop, thread"),
    }),
  )
})
