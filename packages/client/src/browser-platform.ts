import type { ClientPlatform } from './client-platform.ts'
import { wsTransport } from './ws/ws-transport.ts'

/** Taken when the module loads, so that fake timers of a test runner cannot stop a client. */
const { setTimeout, clearTimeout, performance } = globalThis

/** The clock and timers of a browser, where there are no async contexts. */
export const browserPlatform: ClientPlatform = {
  environment: {
    nowMs: () => performance.now(),
    setTimer(delayMs, callback) {
      const timer = setTimeout(callback, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
    random: () => Math.random(),
  },
  transports: [wsTransport],
  enter: (callback) => callback(),
  keepContext: () => (run) => run(),
}
