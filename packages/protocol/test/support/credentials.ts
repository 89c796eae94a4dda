import { expect } from 'vitest'
import type { Body } from '../../src/envelope/index.ts'
import type {
  AskClient,
  CredentialsAccepted,
  CredentialsInfo,
  HelloAccepted,
  HelloInfo,
  SessionHandlers,
} from '../../src/session/index.ts'
import { type Network, type NetworkOptions, network } from './network.ts'
import { openProbe, type Probe, probe } from './raw-peer.ts'
import { ResumeRecorder } from './resumable.ts'
import { openSide, type Side, type SideOptions, value } from './sessions.ts'

/** Also records what happens to credentials. Handlers that a test does not set are absent. */
export class CredentialsRecorder extends ResumeRecorder {
  readonly given: CredentialsInfo[] = []
  readonly answersFailed: unknown[] = []
  taken = 0
  onAsking: (hello: HelloInfo, ask: AskClient) => Promise<HelloAccepted> = () => Promise.resolve({})
  credentials?: SessionHandlers['credentials']
  challenged?: SessionHandlers['challenged']

  override hello(hello: HelloInfo, ask?: AskClient): Promise<HelloAccepted> {
    return this.onAsking(hello, ask as AskClient)
  }

  answerFailed(error: unknown): void {
    this.answersFailed.push(error)
  }

  /** Accepts all credentials, or those that `decide` does not refuse. */
  takesCredentials(decide: (info: CredentialsInfo) => unknown = () => undefined): this {
    this.credentials = async (info) => {
      this.given.push(info)
      const accepted = ((await decide(info)) ?? {}) as CredentialsAccepted
      const taken = () => {
        this.taken += 1
      }
      return { ...accepted, taken }
    }
    return this
  }
}

export interface CredentialsPair {
  readonly time: Network['time']
  readonly client: Side & { readonly recorder: CredentialsRecorder }
  readonly server: Side & { readonly recorder: CredentialsRecorder }
}

/** A client and a server with the given recorders. The handshake has begun. */
export function credentialsPair(
  recorders: { readonly client?: CredentialsRecorder; readonly server?: CredentialsRecorder } = {},
  options: {
    readonly client?: SideOptions
    readonly server?: SideOptions
    readonly pair?: NetworkOptions
  } = {},
): CredentialsPair {
  const { time, a, b } = network(options.pair)
  const { client: clientRecorder = new CredentialsRecorder() } = recorders
  const { server: serverRecorder = new CredentialsRecorder() } = recorders
  const server = openSide('server', time, b, options.server, serverRecorder)
  const client = openSide('client', time, a, options.client, clientRecorder)
  return {
    time,
    client: { ...client, recorder: clientRecorder },
    server: { ...server, recorder: serverRecorder },
  }
}

/**
 * One side with a peer that the test plays.
 *
 * @param isOpen whether the handshake is done
 */
export async function credentialsProbe(
  role: 'client' | 'server',
  recorder = new CredentialsRecorder(),
  options: SideOptions = {},
  isOpen = true,
): Promise<Probe & { readonly recorder: CredentialsRecorder }> {
  const made = isOpen ? await openProbe(role, options, {}, recorder) : probe(role, options, {}, recorder)
  return { ...made, recorder }
}

/** The outcome of a promise of a session. */
export class Settled {
  result: { readonly error?: unknown; readonly value?: unknown } | undefined

  constructor(promise: Promise<unknown>) {
    promise.then(
      (settledValue) => {
        this.result = { value: settledValue }
      },
      (error: unknown) => {
        this.result = { error }
      },
    )
  }

  get error(): unknown {
    return this.result?.error
  }

  get isTaken(): boolean {
    return this.result !== undefined && !('error' in this.result)
  }
}

export const token = (text: string): Body => value({ token: text })

/** Ends both sides, and checks that no timer is left. */
export async function nothingLeft({ time, client, server }: CredentialsPair): Promise<void> {
  const closing = [client.session.close({ graceMs: 0 }), server.session.close({ graceMs: 0 })]
  await time.advance(5_000)
  await Promise.all(closing)
  expect(time.timers).toEqual([])
}
