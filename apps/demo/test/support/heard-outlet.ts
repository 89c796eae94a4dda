import type { Outlet } from '../../src/server/chat-service.ts'

/** Writes down every line, and everybody who comes or goes. */
export function outletTo(heard: (row: string) => void): Outlet {
  return {
    line: (room, { name, text }) => heard(`${room} ${name}: ${text}`),
    presence: (room, { name, change }) => heard(`${room} * ${name} ${change}`),
    typing: () => {},
    offer: () => {},
    offerClosed: () => {},
  }
}
