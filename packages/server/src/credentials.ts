import { RpcError } from '@frameport/protocol'
import { checking, describeValue, isDuration, readOnce, unknownName } from '@frameport/protocol/checks'
import { bodyOfValue, valueOfBody } from '@frameport/protocol/envelope'
import type {
  AskClient,
  ChallengeOptions,
  CredentialsAccepted,
  CredentialsInfo,
} from '@frameport/protocol/session'
import { refusal } from './check-options.ts'
import { checkedContext } from './check-server-options.ts'
import type { HookedConnection } from './connection-hooks.ts'
import type { ServerConnection } from './connection-types.ts'
import type { ServerErrorCode } from './error-codes.ts'
import type { Logger } from './logger.ts'
import type { ChallengeFunction, CredentialsFacts } from './option-types.ts'
import { ServerError } from './server-error.ts'

/** The caller need not await the answer: a client must not be able to cause an unhandled rejection. */
export function askForMore(ask: AskClient): ChallengeFunction {
  return (challenge) => {
    const answer = ask(bodyOfValue(challenge)).then(valueOfBody)
    answer.catch(() => undefined)
    return answer
  }
}

/** The log texts of errors that are not those of the option `context`. */
const unknownOf: Partial<Record<ServerErrorCode, string>> = {
  SHARE_KEY_FAILED: 'the share of a connection could not be found',
  PRINCIPAL_FAILED: 'the principal of a client could not be found',
}

/** The error for a client that is refused. An error that is not an RpcError is logged, and the client gets INTERNAL. */
export function refusalOfHello(err: unknown, { id, log }: HookedConnection): RpcError {
  if (RpcError.is(err)) return err
  const what = ServerError.is(err) ? unknownOf[err.code] : undefined
  log.error({ connection: id, err }, what ?? 'the context of a connection could not be made')
  return new RpcError('INTERNAL', `The server failed. Its log has the reason under ${id}.`)
}

export type RenewContext = (facts: CredentialsFacts<unknown>) => unknown

/**
 * Calls the option `renewContext` for new credentials, and determines their principal.
 *
 * @throws RpcError of the hook; INTERNAL for any other error, which is logged
 */
export async function renewedContext(
  renewContext: RenewContext,
  { auth, challenge }: CredentialsInfo,
  connection: ServerConnection,
  log: Logger,
  principalOf: (context: unknown) => CredentialsAccepted,
): Promise<{ readonly context: unknown; readonly accepted: CredentialsAccepted }> {
  const { id, context } = connection
  try {
    const facts = {
      auth: valueOfBody(auth),
      challenge: challenge === undefined ? undefined : valueOfBody(challenge),
      isAnswer: challenge !== undefined,
      connection,
      context,
    }
    const renewed = checkedContext(await renewContext(facts), 'renewContext')
    return { context: renewed, accepted: principalOf(renewed) }
  } catch (error) {
    if (RpcError.is(error)) throw error
    log.error({ connection: id, err: error }, 'the context of a connection could not be renewed')
    throw new RpcError('INTERNAL', `The server failed. Its log has the reason under ${id}.`)
  }
}

/**
 * The options of a challenge, each read once.
 *
 * @throws ServerError `INVALID_OPTION`; the client is then not asked
 */
export function checkChallenge(
  renewContext: RenewContext | undefined,
  options: ChallengeOptions,
): ChallengeOptions {
  const notAsked = (problem: string, cause?: { readonly cause: unknown }) =>
    refusal(`${problem}; the client was not asked`, cause)
  return checking(() => {
    if (renewContext === undefined)
      throw notAsked('a challenge needs the option renewContext, which checks the answer')
    const unknown = unknownName('options', options, ['timeoutMs'])
    if (unknown !== undefined) throw notAsked(unknown)
    const given = readOnce(options, ['timeoutMs'])
    if (given.timeoutMs === undefined || isDuration(given.timeoutMs)) return given
    throw notAsked(
      `timeoutMs is ${describeValue(given.timeoutMs)}, not a number of milliseconds of at least 0`,
    )
  }, notAsked)
}
