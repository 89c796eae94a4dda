import { expect, test } from 'vitest'
import { chooseWaker, hasLoop } from '../../src/native/choose-waker.ts'

const node = { node: '20.20.2', uv: '1.46.0' }

test('a thread wakes, unless the variable asks for the event loop', () => {
  expect(chooseWaker({ findsLoop: true }, node, undefined)).toBe('thread')
  expect(chooseWaker({ findsLoop: true }, node, 'thread')).toBe('thread')
  expect(chooseWaker({ findsLoop: true }, node, 'loop')).toBe('loop')
})

test('there is no event loop to ask where the addon has not found its functions', () => {
  expect(hasLoop({ findsLoop: true }, node)).toBe(true)
  expect(hasLoop({ findsLoop: false }, node)).toBe(false)
  expect(chooseWaker({ findsLoop: false }, node, 'loop')).toBe('thread')
})

test.each(['bun', 'deno', 'electron'])('%s is not asked, whatever it exports', (name) => {
  expect(hasLoop({ findsLoop: true }, { ...node, [name]: '1.0.0' })).toBe(false)
  expect(chooseWaker({ findsLoop: true }, { ...node, [name]: '1.0.0' }, 'loop')).toBe('thread')
})
