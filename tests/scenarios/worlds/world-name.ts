import type { BackendName } from '@frameport/iocp-core'

export type WorldName =
  | 'memory'
  | 'memory channels'
  | 'message port'
  | 'node streams'
  | 'tls'
  | 'ws'
  | BackendName
