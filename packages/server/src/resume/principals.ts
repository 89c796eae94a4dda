import { describeValue, onLateFailure } from '@frameport/framing/checks'
import type { TlsFacts } from '@frameport/iocp-core/tls'
import { RpcError } from '@frameport/protocol'
import { type Body, valueOfBody } from '@frameport/protocol/envelope'
import type { CredentialsAccepted, CredentialsInfo } from '@frameport/protocol/session'
import type { Hello } from '../connection-types.ts'
import type { PrincipalFacts } from '../option-types.ts'
import { ServerError } from '../server-error.ts'
import type { Digest } from '../server-transport.ts'

/** A client that was admitted. */
export interface KnownClient {
  /** Its most recent hello. */
  readonly hello: Hello
  readonly principal: string | undefined
  /** See {@link holderOf}. */
  readonly holder: string
}

/** Returns the principal of a client from its hello. A session continues only for the same principal. */
export interface Principals {
  /**
   * Called when the hello has arrived.
   *
   * @param isResumable the session outlives its connection
   * @param tls of the connection: a client with another certificate is another client
   * @returns a function that returns the answer, once there is a context
   */
  of(
    auth: Body,
    hello: Hello,
    isResumable: boolean,
    tls: TlsFacts | undefined,
  ): (context: unknown) => string | undefined
  /**
   * Called when new credentials have arrived.
   *
   * @returns a function that returns the answer, once there is a context for them
   */
  renewed(given: CredentialsInfo, known: KnownClient): (context: unknown) => CredentialsAccepted
}

/**
 * @param principal the user's option. Default: equal credentials mean the same client, and only a digest of them is
 * kept
 */
export function principals(
  principal: ((facts: PrincipalFacts<unknown>) => unknown) | undefined,
  digest: () => Digest,
): Principals {
  if (principal !== undefined) return principalsByOption(principal)
  let made: Digest | undefined
  // Computed now, because the code that creates the context may change the value that it gets.
  const digestOf = (auth: Body) => {
    made ??= digest()
    return made(auth.kind, bytesOf(auth))
  }
  return {
    of(auth, _hello, isResumable, tls) {
      const known = isResumable ? `${digestOf(auth)}${holderOf(tls)}` : undefined
      return () => known
    },
    renewed({ auth }, { principal: before, holder }) {
      const alsoKnownAs = before === undefined ? undefined : `${digestOf(auth)}${holder}`
      return () => ({ alsoKnownAs })
    },
  }
}

/** The holder and the issuer of the certificate: both stay the same when it is renewed. Empty without a certificate. */
export function holderOf(tls: TlsFacts | undefined): string {
  const { subject, subjectAltName = '', issuer } = tls?.peerCertificate ?? {}
  return subject === undefined ? '' : JSON.stringify([subject, subjectAltName, issuer])
}

function principalsByOption(principal: (facts: PrincipalFacts<unknown>) => unknown): Principals {
  return {
    of: (_auth, hello) => (context) => asked(principal, { context, hello }),
    renewed({ auth, challenge }, { hello, principal: before }) {
      // The answer to a challenge need not look like the credentials in a hello.
      const shown = challenge === undefined ? { ...hello, auth: valueOfBody(auth) } : hello
      return (context) => {
        const known = asked(principal, { context, hello: shown })
        if (known === undefined && before !== undefined)
          throw new RpcError(
            'PERMISSION_DENIED',
            'the new credentials identify nobody, and the session belongs to a principal',
          )
        return { principal: known }
      }
    },
  }
}

/** @throws ServerError `PRINCIPAL_FAILED`; an RpcError of the option, which the client receives */
function asked(
  principal: (facts: PrincipalFacts<unknown>) => unknown,
  facts: PrincipalFacts<unknown>,
): string | undefined {
  let given: unknown
  try {
    given = principal(facts)
  } catch (cause) {
    if (RpcError.is(cause)) throw cause
    throw new ServerError('PRINCIPAL_FAILED', 'principal threw', { cause })
  }
  if (given === undefined || typeof given === 'string') return given
  onLateFailure(given, () => undefined) // A promise is an invalid result, whatever it settles to.
  throw new ServerError('PRINCIPAL_FAILED', `principal returned ${describeValue(given)}, not a string`)
}

function bytesOf(auth: Body): Uint8Array | string {
  if (auth.kind === 'raw') return auth.bytes
  return auth.kind === 'none' ? '' : (JSON.stringify(auth.value) ?? '')
}
