import { expect, it } from 'vitest'
import { nodePlatform } from '../../src/node-platform.ts'
import { principals } from '../../src/resume/principals.ts'

const hello = { auth: undefined, metadata: [], contracts: [] } as never

it('the digest of credentials is the same for the same ones of one server, and says nothing of them', () => {
  const { of } = principals(undefined, nodePlatform({}).digest)
  const digest = (auth: Parameters<typeof of>[0]) => of(auth, hello, true)({})
  const password = { kind: 'value', value: 'correct horse' } as const
  expect(digest(password)).toBe(digest({ ...password }))
  expect(digest(password)).toMatch(/^[\w+/]{43}=$/)
  const others = [
    { kind: 'none' },
    { kind: 'value', value: '' },
    { kind: 'value', value: undefined },
    { kind: 'value', value: 'correct horsf' },
    { kind: 'raw', bytes: new TextEncoder().encode('"correct horse"') },
    { kind: 'raw', bytes: new Uint8Array() },
  ] as const
  expect(new Set([password, ...others].map(digest)).size).toBe(7)
  const another = principals(undefined, nodePlatform({}).digest)
  expect(another.of(password, hello, true)({})).not.toBe(digest(password))
})
