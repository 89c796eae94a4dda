import { addressScheme } from '@frameport/protocol/checks'

/** What does not leave the machine breaks with one of its ends: there would be nobody to come back, or to come back to. */
const onOneMachine: ReadonlySet<string | undefined> = new Set(['memory', 'unix', 'pipe'])

/** Whether the session of a connection goes on without it. @param wanted the option `resume` */
export function resumes(wanted: boolean | undefined, remoteEndpoint: string): boolean {
  return wanted ?? !onOneMachine.has(addressScheme(remoteEndpoint))
}
