import type { LinkOwner } from './link-types.ts'

const nothing = (): void => undefined

/** The owner of a link that its session has left: it ignores what the link still reports. */
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
