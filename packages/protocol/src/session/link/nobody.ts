import type { LinkOwner } from './link-types.ts'

const nothing = (): void => undefined

/** Who owns a link that a session has left: what it still tells is of no use to anybody. */
export const nobody: LinkOwner = {
  events: {
    linkReceived: nothing,
    linkOpened: nothing,
    linkRefused: nothing,
    takesCredentials: false,
    linkCredentials: () => ({}),
    linkChallenged: () => undefined,
    linkAnswerFailed: nothing,
    linkHookFailed: nothing,
    linkFrame: nothing,
    linkGoaway: nothing,
    linkAnswered: nothing,
    linkDrained: nothing,
    linkEnded: nothing,
    linkFailed: nothing,
    linkClosed: nothing,
  },
  turn: { count: nothing, countEnd: nothing },
  resume: undefined,
}
