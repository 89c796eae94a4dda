import type { Outlet } from '../../src/server/chat-service-options.ts'

/** Keeps no lines, but records each line, and everyone who joins or leaves. */
export function outletTo(heard: (row: string) => void): Outlet {
  let lines = 0
  return {
    async line(room, { name, text }) {
      heard(`${room} ${name}: ${text}`)
      lines += 1
      return lines
    },
    presence: (room, { name, change }) => heard(`${room} * ${name} ${change}`),
    typing: () => {},
    offer: () => {},
    offerClosed: () => {},
  }
}
