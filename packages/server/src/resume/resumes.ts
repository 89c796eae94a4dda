import { isOnOneMachine } from '@frameport/protocol/checks'

/** Whether the session of a connection outlives it. @param wanted the option `resume` */
export function resumes(wanted: boolean | undefined, remoteEndpoint: string): boolean {
  return wanted ?? !isOnOneMachine(remoteEndpoint)
}
