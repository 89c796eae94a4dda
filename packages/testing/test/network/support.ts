import type { ByteStream } from '@frameport/framing'
import { createSimNetwork, type SimHost, type SimNetwork, type SimNetworkOptions } from '../../src/index.ts'
import { type Recorder, record } from '../recorder.ts'

/** A way on which each time is known: 10 ms. */
export const even: SimNetworkOptions = { latencyMs: 10 }

export interface Joined {
  readonly network: SimNetwork
  readonly a: SimHost
  readonly b: SimHost
  /** At a, which connected. */
  readonly client: ByteStream
  /** At b, which listened. */
  readonly server: ByteStream
}

/** Two hosts with a connection between them, made at 0 to 20 ms; nothing is started. */
export async function joined(options: SimNetworkOptions = even): Promise<Joined> {
  const network = createSimNetwork(options)
  const [a, b] = [network.host('a'), network.host('b')]
  const accepted = await listenAt(b)
  const client = await network.clock.until(connectFrom(a))
  return { network, a, b, client, server: accepted[0] as ByteStream }
}

/** Listens at port 5500, and keeps what is accepted. */
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

/** Both ends with their recorders. */
export function recorded({ client, server }: Joined): { atClient: Recorder; atServer: Recorder } {
  return { atClient: record(client), atServer: record(server) }
}

/** Why a promise rejected, seen once it has. */
export function failureOf(promise: Promise<unknown>): { error: unknown } {
  const failure: { error: unknown } = { error: undefined }
  promise.catch((error) => {
    failure.error = error
  })
  return failure
}
