import type { TlsFacts } from '@frameport/iocp-core/tls'
import { expect, it } from 'vitest'
import { nodePlatform } from '../../src/node-platform.ts'
import { holderOf, principals } from '../../src/resume/principals.ts'

const hello = { auth: undefined, metadata: [], contracts: [] } as never

it('the digest of credentials is the same for equal credentials on one server, and does not reveal them', () => {
  const { of } = principals(undefined, nodePlatform({}).digest)
  const digest = (auth: Parameters<typeof of>[0]) => of(auth, hello, true, undefined)({})
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
  expect(another.of(password, hello, true, undefined)({})).not.toBe(digest(password))
})

const holding = (subject: string, issuer: string) => ({ peerCertificate: { subject, issuer } }) as TlsFacts

it('the same credentials with the certificate of another subject are another client, and renewed ones belong to the same client', () => {
  const { of, renewed } = principals(undefined, nodePlatform({}).digest)
  const auth = { kind: 'none' } as const
  const principalOf = (tls: TlsFacts | undefined) => of(auth, hello, true, tls)({})
  const anna = principalOf(holding('CN=anna', 'CN=house'))
  expect(principalOf(holding('CN=anna', 'CN=house'))).toBe(anna)
  const others = [undefined, holding('CN=bert', 'CN=house'), holding('CN=anna', 'CN=others')]
  expect(new Set([anna, ...others.map(principalOf)]).size).toBe(4)
  const known = { hello, principal: anna, holder: holderOf(holding('CN=anna', 'CN=house')) }
  const password = { kind: 'value', value: 'correct horse' } as const
  const { alsoKnownAs } = renewed({ auth: password, challenge: undefined } as never, known)({})
  expect(alsoKnownAs).toBe(of(password, hello, true, holding('CN=anna', 'CN=house'))({}))
})
