import { isOnOneMachine } from '@frameport/protocol/checks'
import { defaultResumeLimits, type SessionLimits } from '@frameport/protocol/session'
import type { Connector } from '../connector.ts'

/** Whether sessions may go on over another connection. @param given the option `resume` */
export function mayResume(given: boolean | undefined, connectors: readonly Connector[]): boolean {
  return given ?? connectors.some(({ url }) => !isOnOneMachine(url))
}

/** The limits of a session that may go on over another connection, or that ends with its own. */
export function withResume(limits: Partial<SessionLimits>, resumes: boolean): Partial<SessionLimits> {
  const { resumeBytes = defaultResumeLimits.resumeBytes } = limits
  return { ...limits, resumeBytes: resumes ? resumeBytes : 0 }
}
