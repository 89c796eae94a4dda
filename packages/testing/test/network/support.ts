import type { ByteStream } from '@frameport/framing'
import { createSimNetwork, type SimHost, type SimNetwork, type SimNetworkOptions } from '../../src/index.ts'
import { type Recorder, record } from '../recorder.ts'

/** A way with a constant latency of 10 ms. */
export const even: SimNetworkOptions = { latencyMs: 10 }

export interface Joined {
  readonly network: SimNetwork
  readonly a: SimHost
  readonly b: SimHost
  /** The end at a, which connected. */
  readonly client: ByteStream
  /** The end at b, which listened. */
  readonly server: ByteStream
}

/** Two hosts and a connection between them, made from 0 to 20 ms. No stream is started. */
export async function joined(options: SimNetworkOptions = even): Promise<Joined> {
  const network = createSimNetwork(options)
  const [a, b] = [network.host('a'), network.host('b')]
  const accepted = await listenAt(b)
  const client = await network.clock.until(connectFrom(a))
  return { network, a, b, client, server: accepted[0] as ByteStream }
}

/** Listens at a port, and collects the accepted streams. */
export async function listenAt(host: SimHost, port = 5500): Promise<ByteStream[]> {
  const accepted: ByteStream[] = []
  await host.acceptor(port).listen({
    accepted: (stream) => void accepted.push(stream),
    acceptFailed: () => undefined,
  })
  return accepted
}

export function connectFrom(
  host: SimHost,
  address = 'b:5500',
  options: Partial<{ readonly signal: AbortSignal; readonly timeoutMs: number }> = {},
): Promise<ByteStream> {
  return host
    .connector(address)
    .connect({ signal: new AbortController().signal, timeoutMs: 10_000, ...options })
}

/** Starts both ends with recorders. */
export function recorded({ client, server }: Joined): { atClient: Recorder; atServer: Recorder } {
  return { atClient: record(client), atServer: record(server) }
}

/** The reason of a rejected promise, once it has rejected. */
export function failureOf(promise: Promise<unknown>): { error: unknown } {
  const failure: { error: unknown } = { error: undefined }
  promise.catch((error) => {
    failure.error = error
  })
  return failure
}
