import type { Contract, ContractEvent } from '@frameport/protocol'
import { checkImplementation, type Implementation } from '@frameport/server'
import { checkTestOptions } from './check-test-options.ts'
import type { TestClient, TestClientArguments } from './test-client-types.ts'
import { TestedServer } from './tested-server.ts'

/**
 * Makes a client for tests of handlers: a real client, connected in memory to a real server of `implementation`. Middleware, validation, streams, events,
 * deadlines and closing work as over TCP. Only the socket is missing.
 *
 * If a handler throws an error that clients must not see, the call fails with INTERNAL, as over TCP, but has that error as its `cause`. A failure in the
 * server that no call reports makes `$close` reject.
 *
 * @example
 * await using client = createTestClient(notes, { context: { user: 'ada' } })
 * expect(await client.add('milk')).toBe(1)
 *
 * @throws TestingError `INVALID_OPTION`; ClientError and ServerError for their options; ProtocolError `INVALID_CONTRACT` if `implementation` is
 *   not an implementation
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
