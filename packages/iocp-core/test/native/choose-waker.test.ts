import { expect, test } from 'vitest'
import { chooseWaker } from '../../src/native/choose-waker.ts'

const node = { node: '20.20.2', uv: '1.46.0' }

test('the event loop of Node.js wakes, where the addon has found its functions', () => {
  expect(chooseWaker({ findsLoop: true }, node, undefined)).toBe('loop')
  expect(chooseWaker({ findsLoop: false }, node, undefined)).toBe('thread')
})

test.each(['bun', 'deno', 'electron'])('in %s a thread wakes, whatever it exports', (name) => {
  expect(chooseWaker({ findsLoop: true }, { ...node, [name]: '1.0.0' }, undefined)).toBe('thread')
})

test('the variable asks for the thread', () => {
  expect(chooseWaker({ findsLoop: true }, node, 'thread')).toBe('thread')
})
