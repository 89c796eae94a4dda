import { contract, procedure } from '@frameport/protocol'
import { bindHandlers, checkRoute } from '@frameport/protocol/serving'
import { expect, it } from 'vitest'
import { z } from 'zod'

const shopOf = (output: z.ZodType) =>
  contract('shop', { version: 1, procedures: { buy: procedure({ output }) } })
const own = shopOf(z.number()).procedureEntries.get('buy')!
const theirs = shopOf(z.string()).procedureEntries.get('buy')!
const [binding] = bindHandlers({ label: 'shop/buy', target: own.procedure, middlewares: [] }, () => 1)

it.each([
  ['server', { server: own.fingerprint, client: theirs.fingerprint, differs: ['answer'] }],
  ['client', { server: theirs.fingerprint, client: own.fingerprint, differs: ['answer'] }],
] as const)(
  'a strict %s names both fingerprints of a procedure that differs, each with its side',
  (here, data) => {
    const check = (fingerprint: string | undefined, strict: boolean) => () =>
      checkRoute({ entry: own, binding: binding! }, { kind: 'unary', fingerprint } as never, here, strict)
    expect(check(theirs.fingerprint, true)).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION', data }),
    )
    expect(check(theirs.fingerprint, false)).not.toThrow()
    expect(check(own.fingerprint, true)).not.toThrow()
    expect(check(undefined, true)).not.toThrow()
  },
)
