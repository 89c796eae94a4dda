import {
  aBoolean,
  aFileMode,
  aFunction,
  aNumberWithin,
  aSignal,
  type Readers,
} from '../arguments/read-options.ts'
import type { ConnectOptions, ListenOptions, SocketOptions } from '../contract/completion-port.ts'

const socketOptions: Readers<SocketOptions> = {
  noDelay: aBoolean,
  keepAliveIdleMs: aNumberWithin('keepAliveIdleMs'),
  resetOnClose: aBoolean,
}

export const listenOptions: Readers<ListenOptions> = {
  ...socketOptions,
  backlog: aNumberWithin('backlog'),
  reusePort: aBoolean,
  ipv6Only: aBoolean,
  connectionsMax: aNumberWithin('connectionsMax'),
  unixMode: aFileMode,
  onAcceptError: aFunction,
}

export const connectOptions: Readers<ConnectOptions> = {
  ...socketOptions,
  timeoutMs: aNumberWithin('connectTimeoutMs'),
  signal: aSignal,
}
