import { announce } from './announce.ts'
import { WholeFrames } from './whole-frames.ts'

/**
 * A server on Bun's own TCP, as an expert writes it: see {@link WholeFrames}. All sockets share the same handlers.
 * `write` returns how many bytes the kernel took, and `drain` asks for the rest
 * (https://bun.com/docs/runtime/networking/tcp).
 */
interface BunSocket {
  data: Echo
  write(bytes: Uint8Array): number
  setNoDelay(noDelay: boolean): boolean
  pause(): void
  resume(): void
  terminate(): void
}

declare const Bun: {
  listen(options: {
    readonly hostname: string
    readonly port: number
    readonly socket: {
      open(socket: BunSocket): void
      data(socket: BunSocket, chunk: Uint8Array): void
      drain(socket: BunSocket): void
      error(socket: BunSocket): void
    }
  }): { readonly port: number }
}

class Echo {
  readonly frames = new WholeFrames()
  /** The bytes for which the kernel had no room. The socket is paused meanwhile. */
  waiting: Uint8Array | undefined
}

function write(socket: BunSocket, answer: Uint8Array): void {
  // `write` returns -1 if the socket is closed.
  const taken = Math.max(0, socket.write(answer))
  const echo = socket.data
  const hadRoom = echo.waiting === undefined
  echo.waiting = taken < answer.length ? answer.subarray(taken) : undefined
  if (hadRoom && echo.waiting !== undefined) socket.pause()
  else if (!hadRoom && echo.waiting === undefined) socket.resume()
}

const { port } = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      socket.data = new Echo()
      socket.setNoDelay(true)
    },
    data(socket, chunk) {
      const answer = socket.data.frames.take(chunk)
      const { waiting } = socket.data
      // Bun still delivers the bytes that it read before the pause.
      if (answer !== undefined)
        write(socket, waiting === undefined ? answer : Buffer.concat([waiting, answer]))
    },
    drain(socket) {
      const { waiting } = socket.data
      if (waiting !== undefined) write(socket, waiting)
    },
    error: (socket) => socket.terminate(),
  },
})
announce(port)
