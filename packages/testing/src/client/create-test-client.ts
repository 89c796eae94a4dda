import type { Contract, ContractEvent } from '@frameport/protocol'
import { checkImplementation, type Implementation } from '@frameport/server'
import { checkTestOptions } from './check-test-options.ts'
import type { TestClient, TestClientArguments } from './test-client-types.ts'
import { TestedServer } from './tested-server.ts'

/**
 * A client for the tests of handlers: a real one, connected in memory to a real server of `implementation`. Middlewares,
 * validation, streams, events, deadlines and the end of everything are those of TCP; only the socket is left out.
 *
 * ```ts
 * await using client = createTestClient(notes, { context: { user: 'ada' } })
 * expect(await client.add('milk')).toBe(1)
 * ```
 *
 * A call whose handler threw what clients must not see fails with INTERNAL, as over TCP, and has what was thrown as its
 * `cause`. What failed in the server beside calls fails `$close`.
 *
 * @throws TestingError `INVALID_OPTION`; ClientError and ServerError for what they refuse; ProtocolError `INVALID_CONTRACT` for
 *   what is no implementation
 */
export function createTestClient<
  C extends Contract,
  Context extends object,
  ClientEvent extends ContractEvent = never,
>(
  implementation: Implementation<Context, ClientEvent, C>,
  ...[options]: TestClientArguments<Context, NoInfer<ClientEvent>, NoInfer<C>>
): TestClient<C> {
  checkImplementation(implementation, 'createTestClient')
  const tested = new TestedServer(implementation, checkTestOptions(options === undefined ? {} : options))
  return tested.client as TestClient<C>
}
