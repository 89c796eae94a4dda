import { describeValue, onLateFailure } from '@frameport/framing/checks'
import type { Body } from '@frameport/protocol/envelope'
import type { Hello } from '../connection-types.ts'
import type { PrincipalFacts } from '../option-types.ts'
import { ServerError } from '../server-error.ts'
import type { Digest } from '../server-transport.ts'

/** Says of a hello who the client is. A session goes on with the same only. */
export interface Principals {
  /** Asked when the hello has come. @returns what gives the answer, once there is a context */
  of(auth: Body, hello: Hello): (context: unknown) => string | undefined
}

/**
 * @param principal the user's option. Default: the same credentials are the same client, of which nothing but a digest is kept
 */
export function principals(
  principal: ((facts: PrincipalFacts<unknown>) => unknown) | undefined,
  digest: () => Digest,
): Principals {
  if (principal !== undefined)
    return { of: (_auth, hello) => (context) => asked(principal, { context, hello }) }
  let made: Digest | undefined
  return {
    of(auth) {
      made ??= digest()
      // Now: what makes the context may change the value that it is given.
      const known = made(auth.kind, bytesOf(auth))
      return () => known
    },
  }
}

/** @throws ServerError `PRINCIPAL_FAILED` */
function asked(
  principal: (facts: PrincipalFacts<unknown>) => unknown,
  facts: PrincipalFacts<unknown>,
): string | undefined {
  let given: unknown
  try {
    given = principal(facts)
  } catch (cause) {
    throw new ServerError('PRINCIPAL_FAILED', 'principal threw', { cause })
  }
  if (given === undefined || typeof given === 'string') return given
  onLateFailure(given, () => undefined) // A promise is no answer, whatever it settles to.
  throw new ServerError('PRINCIPAL_FAILED', `principal returned ${describeValue(given)}, not a string`)
}

function bytesOf(auth: Body): Uint8Array | string {
  if (auth.kind === 'raw') return auth.bytes
  return auth.kind === 'none' ? '' : (JSON.stringify(auth.value) ?? '')
}
