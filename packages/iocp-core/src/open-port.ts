import type { DriverFactory } from './contract/driver.ts'
import type { BackendNote, Port, PortOptions } from './contract/port.ts'
import { EnginePort } from './engine/engine-port.ts'
import { IocpError } from './iocp-error.ts'
import { ladder, probe } from './ladder.ts'
import { withinLimit } from './limits.ts'

/** Names a back end when the options do not: `FRAMEPORT_BACKEND=net`. */
const backendVariable = 'FRAMEPORT_BACKEND'

let fallbackWasSaid = false

/**
 * Opens a completion port.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE` when the back end asked for, by option or FRAMEPORT_BACKEND, does not
 *   work here; `INVALID_ARGUMENT`
 */
export function createPort(options: PortOptions = {}): Port {
  const checked = checkOptions(options)
  const notes = probe()
  const factory = choose(checked.backend, notes)
  return new EnginePort(factory.open(checked), checked, notes)
}

function checkOptions(options: PortOptions): Required<PortOptions> {
  const sendQueueHighBytes = withinLimit('sendQueueHighBytes', options.sendQueueHighBytes)
  const defaultLowBytes = Math.min(withinLimit('sendQueueLowBytes', undefined), sendQueueHighBytes)
  const sendQueueLowBytes = withinLimit('sendQueueLowBytes', options.sendQueueLowBytes ?? defaultLowBytes)
  if (sendQueueLowBytes > sendQueueHighBytes) {
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `sendQueueLowBytes (${sendQueueLowBytes}) is over sendQueueHighBytes (${sendQueueHighBytes})`,
    })
  }
  return {
    backend: options.backend ?? backendFromEnvironment(),
    sendQueueHighBytes,
    sendQueueLowBytes,
    receiveBufferBytes: withinLimit('receiveBufferBytes', options.receiveBufferBytes),
    poisonLentBytes: options.poisonLentBytes ?? false,
  }
}

function backendFromEnvironment(): Required<PortOptions>['backend'] {
  const named = process.env[backendVariable]
  if (named === undefined || named === '' || named === 'auto') return 'auto'
  return known(named, backendVariable).backend
}

function choose(backend: Required<PortOptions>['backend'], notes: readonly BackendNote[]): DriverFactory {
  if (backend === 'auto') {
    const best = known(notes.find(({ available }) => available)?.backend ?? 'net', 'auto')
    if (best.backend === 'net') sayFallback(notes)
    return best
  }
  const factory = known(backend, 'backend')
  const why = factory.unavailable()
  if (why === undefined) return factory
  throw new IocpError('BACKEND_UNAVAILABLE', { detail: `${backend}: ${why.reason}`, fix: why.fix })
}

function known(name: string, source: string): DriverFactory {
  const factory = ladder.find(({ backend }) => backend === name)
  if (factory !== undefined) return factory
  const names = ladder.map(({ backend }) => backend).join(', ')
  throw new IocpError('INVALID_ARGUMENT', { detail: `${source} is '${name}', none of auto, ${names}` })
}

/** Where a native back end is to be expected, its absence is said once per process, with what would help. */
function sayFallback(notes: readonly BackendNote[]): void {
  const epoll = notes.find(({ backend }) => backend === 'epoll')
  if (fallbackWasSaid || process.platform !== 'linux' || epoll === undefined) return
  fallbackWasSaid = true
  process.emitWarning(`The back end is net (node:net), because epoll is not available: ${epoll.reason}`, {
    code: 'FRAMEPORT_NET_FALLBACK',
    detail: `${epoll.fix} To stay with net and not see this, set backend: 'net' or ${backendVariable}=net.`,
  })
}
