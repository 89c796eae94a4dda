import type { ClientOptions } from './client-options.ts'

/** The options of a client of any contract. */
export interface AnyClientOptions extends Omit<ClientOptions, 'handlers'> {
  readonly handlers?: object | undefined
}
