import type { BackendName } from '@frameport/iocp-core'
import { describeValue, missingMethods, wrongKind } from '@frameport/protocol/checks'
import type { TcpOptions } from './tcp-options.ts'

const backends: Readonly<Record<BackendName | 'auto', true>> = {
  auto: true,
  iocp: true,
  io_uring: true,
  epoll: true,
  net: true,
}

const port = { what: 'a CompletionPort', methods: ['listen', 'connect', 'close'] }

/**
 * What is wrong with the options that choose a completion port, or undefined.
 *
 * @throws Unreadable
 */
export function wrongPort({
  completionPort,
  backend,
}: Pick<TcpOptions, 'completionPort' | 'backend'>): string | undefined {
  const problem =
    wrongKind('completionPort', completionPort, 'object') ??
    missingMethods('completionPort', completionPort, port)
  if (problem !== undefined || backend === undefined) return problem
  if (typeof backend === 'string' && Object.hasOwn(backends, backend)) return undefined
  return `backend is ${describeValue(backend)}, not one of ${Object.keys(backends).join(', ')}`
}
