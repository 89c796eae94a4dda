import { createMemoryPair, type VirtualClock } from '@frameport/testing'
import type { Envelope } from '../../src/envelope/index.ts'
import { settingsOf, settingsToSend } from '../../src/envelope/settings.ts'
import { createSessionHost, type Session, type SessionLimits } from '../../src/session/index.ts'
import { network } from './network.ts'
import { hello, RawPeer, welcome } from './raw-peer.ts'
import { ResumeRecorder } from './resumable.ts'
import { openSide } from './sessions.ts'
import { WatchedStream } from './watched-stream.ts'

/** The settings of a peer that keeps enough to resume. */
export const peerKeeps = { resumeBytes: 65_536, resumeWindowMs: 30_000 }
export const ticket = { session: Uint8Array.of(1, 2, 3), secret: new Uint8Array(16).fill(7) }
export const sent = (envelopes: readonly Envelope[], kind: Envelope['kind']) =>
  envelopes.filter((envelope) => envelope.kind === kind)

/** A client session that may be resumed, with a server that the test plays. */
export async function keepingClient(limits: Partial<SessionLimits> = {}, announced = peerKeeps) {
  const { time, a, b } = network()
  const recorder = new ResumeRecorder()
  const { session } = openSide('client', time, a, { limits: { resumeBytes: 65_536, ...limits } }, recorder)
  const peer = new RawPeer(b)
  peer.send({ ...welcome, settings: settingsToSend({ ...settingsOf([]), ...announced }), session: ticket })
  await time.settle()
  const [greeting] = peer.received
  peer.received.length = 0
  return { time, session, recorder, peer, greeting }
}

/** A server with a client that the test plays, and a way to connect again. */
export function keepingServer(limits: Partial<SessionLimits> = {}, announced = peerKeeps) {
  const first = network()
  const { time } = first
  const host = createSessionHost({ environment: time, turnMs: 1_000, memoryBytesMax: 2 ** 28 })
  const settings = settingsToSend({ ...settingsOf([]), ...announced })
  /**
   * A session that waits for its hello.
   *
   * @param atOnce whether it accepts the hello in the turn in which that arrives
   */
  const coming = (atOnce = false) => {
    const pair = createMemoryPair({ clock: time, chunking: 'merged' })
    const recorder = new ResumeRecorder()
    if (atOnce) Object.assign(recorder, { hello: undefined })
    const options = { limits: { resumeBytes: 65_536, ...limits }, host }
    const { session } = openSide('server', time, new WatchedStream(pair.a), options, recorder)
    const peer = new RawPeer(new WatchedStream(pair.b))
    return { session, recorder, peer, cut: () => pair.b.abort() }
  }
  /** @param made gets the session before its client has sent anything */
  const connect = async (
    resume?: Extract<Envelope, { kind: 'hello' }>['resume'],
    made: (session: Session, recorder: ResumeRecorder) => void = () => {},
  ) => {
    const side = coming()
    made(side.session, side.recorder)
    side.peer.send({ ...hello, settings, resume })
    await time.settle()
    return { ...side, answer: side.peer.received.shift() as Extract<Envelope, { kind: 'welcome' }> }
  }
  return { time, host, connect, coming }
}

/** Ends sessions, and waits until they have given up on their peers. */
export async function endAll(
  time: VirtualClock,
  sides: readonly { readonly session: Session }[],
): Promise<void> {
  const closing = sides.map(({ session }) => session.close({ graceMs: 0 }))
  await time.advance(10_000)
  await Promise.all(closing)
}
