import type { Connector } from './connector.ts'

/** A way to connect that owns the schemes of its URLs and its options. A build of the client registers those it has. */
export interface ClientTransport {
  /** Without the colon: `tcp`. An endpoint object has one of them as its `kind`. */
  readonly schemes: readonly string[]
  /** Names of options that it takes beside those of every client. */
  readonly optionNames: readonly string[]
  /**
   * Checks those options by value. They are given whatever the target is.
   *
   * @throws ClientError `INVALID_OPTION`
   */
  checkOptions(options: object): void
  /** @throws ClientError `INVALID_TARGET` that says what is wrong with the target */
  connector(target: string | object, options: object): Connector
}
