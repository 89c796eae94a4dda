export { createTestClient } from './create-test-client.ts'
export type { LogEntry } from './server-log.ts'
export type {
  TestClient,
  TestClientArguments,
  TestClientOptions,
  TestControls,
  TestServerOptions,
} from './test-client-types.ts'
