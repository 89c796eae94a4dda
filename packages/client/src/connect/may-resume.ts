import { isOnOneMachine } from '@frameport/protocol/checks'
import { defaultResumeLimits, type SessionLimits } from '@frameport/protocol/session'
import { refuse } from '../check-options.ts'
import type { Connector } from '../connector.ts'

/** Whether sessions may continue over another connection. @param given the option `resume` */
export function mayResume(given: boolean | undefined, connectors: readonly Connector[]): boolean {
  return given ?? connectors.some(({ url }) => !isOnOneMachine(url))
}

/**
 * Checks that a session can be resumed as requested.
 *
 * @param connectsAgain whether the client makes its next connection
 * @throws ClientError `INVALID_OPTION`
 */
export function checkResume(
  given: boolean | undefined,
  connectsAgain: boolean,
  { resumeBytes }: Partial<SessionLimits>,
): void {
  if (given !== true) return
  if (resumeBytes === 0)
    refuse('resume is true but limits.resumeBytes is 0: nothing can be kept for the next connection')
  if (connectsAgain) return
  refuse(
    'resume is true, but this client never reconnects: remove reconnect: false, and give an address or a connector',
  )
}

/** The limits of a session that may be resumed, or that ends with its connection. */
export function withResume(limits: Partial<SessionLimits>, resumes: boolean): Partial<SessionLimits> {
  const { resumeBytes = defaultResumeLimits.resumeBytes } = limits
  return { ...limits, resumeBytes: resumes ? resumeBytes : 0 }
}
