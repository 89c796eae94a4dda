import { test } from 'node:test'
import { failingCall, failure } from './failing.mjs'

test('a call of a test client', failingCall)

test('a failure with a cause', () => {
  throw failure()
})
