import type { Connector } from './connector.ts'

/** A transport that owns URL schemes and options. A build of the client registers those that it has. */
export interface ClientTransport {
  /** Without the colon: `tcp`. An endpoint object has one of them as its `kind`. */
  readonly schemes: readonly string[]
  /** The names of its options, in addition to those of every client. */
  readonly optionNames: readonly string[]
  /**
   * Checks the values of those options. It is called with all options, whatever the target is.
   *
   * @throws ClientError `INVALID_OPTION`
   */
  checkOptions(options: object): void
  /** @throws ClientError `INVALID_TARGET`, which describes what is wrong with the target */
  connector(target: string | object, options: object): Connector
}
