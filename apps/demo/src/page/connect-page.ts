/// <reference lib="dom" />
import { type Client, createClient, type SessionStart, type TopicGap } from '@frameport/client'
import { chat } from '../chat-contract.ts'
import { memberLimits } from '../connection-limits.ts'
import { limits } from '../limits.ts'

export interface PageHandlers {
  onEventGap(missed: TopicGap): void
  /** The connection is lost, and there will be another one, or the end of the client. */
  onLost(): void
  /** There is another connection. */
  onSession(start: SessionStart): void
}

/** Where the server accepts WebSockets, relative to the page. */
const path = 'frameport'

/** Connects to the server of the page. */
export function connectPage({ onEventGap, onLost, onSession }: PageHandlers): Client<typeof chat> {
  return createClient(chat, path, {
    // The token stays in the memory of this page, so a reloaded page is a new person.
    auth: token(),
    reconnect: {
      delayMaxMs: limits.reconnectDelayMaxMs,
      reconnectTimeoutMs: limits.reconnectSeconds * 1_000,
    },
    limits: memberLimits,
    onEventGap,
    // A member that has to enter a room again subscribes then, and handles the failure there.
    onSubscribeFailed: () => {},
    onStateChange: ({ state }) => {
      if (state === 'reconnecting') onLost()
    },
    onSession: (start) => {
      if (!start.isFirst) onSession(start)
    },
  })
}

function token(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
