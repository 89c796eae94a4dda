import {
  ASYMMETRIC_MATCHERS_OBJECT,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import * as chai from 'chai'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

/** The assertions of vitest, without its worker. */
// biome-ignore lint/suspicious/noExplicitAny: the types of the tests are those of vitest
export const expect: any = (value: unknown, message?: string) => chai.expect(value, message)

Object.assign(expect, chai.expect, Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT), {
  soft: expect,
  extend: (matchers: object) =>
    Reflect.apply(Reflect.get(chai.expect, 'extend'), chai.expect, [expect, matchers]),
  unreachable: (message = 'this') => chai.assert.fail(`expected ${message} not to be reached`),
})
Reflect.set(globalThis, GLOBAL_EXPECT, expect)
setState({ assertionCalls: 0 }, expect)
expect.extend(customMatchers)
