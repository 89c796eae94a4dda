import type { DriverFactory } from '../contract/driver.ts'
import { receiveMemory, receiveMemorySteps } from '../memory/receive-memory.ts'
import { netConnect } from './net-connect.ts'
import { netListen } from './net-listener.ts'
import { NetState } from './net-state.ts'

/** The back end over node:net. It works wherever Node-compatible sockets exist, and is tried last. */
export const netDriverFactory: DriverFactory = {
  backend: 'net',
  notSentLowRefusal: () => 'node:net has no call for TCP_NOTSENT_LOWAT',
  note: () => ({ backend: 'net', available: true, steps: receiveMemorySteps() }),
  open(options) {
    const state = new NetState()
    // One for all connected sockets: it is read and handed on within one callback. What libuv was given is an address.
    const received = receiveMemory(options.receiveBufferBytes)
    return {
      backend: 'net',
      notSentLowBytes: 0,
      get counters() {
        return state.counters
      },
      listen: (endpoint, listenOptions, events, bindPath) =>
        netListen(state, endpoint, listenOptions, events, bindPath),
      connect: (endpoint, connectOptions, signal) =>
        netConnect(state, endpoint, connectOptions, signal, received),
      ref: () => state.reference(true),
      unref: () => state.reference(false),
      async close() {
        state.chunks.clear()
      },
    }
  },
}
