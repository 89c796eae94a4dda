import { backendFromEnvironment, type Choice, fallbackWarning, openBackEnd } from './choose-back-end.ts'
import type { Port, PortOptions } from './contract/port.ts'
import { EnginePort } from './engine/engine-port.ts'
import { IocpError } from './iocp-error.ts'
import { ladder, probe } from './ladder.ts'
import { withinLimit } from './limits.ts'

let fallbackWasSaid = false

/**
 * Opens a completion port.
 *
 * @throws IocpError `BACKEND_UNAVAILABLE` when the back end asked for, by option or FRAMEPORT_BACKEND, does not
 *   work here; `OPTION_UNSUPPORTED`; `INVALID_ARGUMENT`
 */
export function createPort(options: PortOptions = {}): Port {
  const choice = openWithOptions(options)
  sayFallback(choice)
  return new EnginePort(choice.driver, choice.options, probe)
}

/** Opens what createPort runs on, and says nothing about it. */
export function openWithOptions(options: PortOptions): Choice & { readonly options: Required<PortOptions> } {
  const checked = checkOptions(options)
  const choice = openBackEnd(ladder, checked.backend, (factory) => {
    if (options.workers !== undefined && factory.note().available && factory.hasWorkers !== true) {
      throw new IocpError('OPTION_UNSUPPORTED', { detail: `workers on back end ${factory.backend}` })
    }
    return factory.open(checked)
  })
  return { ...choice, options: checked }
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
    backend: options.backend ?? backendFromEnvironment(ladder),
    sendQueueHighBytes,
    sendQueueLowBytes,
    receiveBufferBytes: withinLimit('receiveBufferBytes', options.receiveBufferBytes),
    workers: withinLimit('workers', options.workers),
    poisonLentBytes: options.poisonLentBytes ?? false,
  }
}

/** Taking less than this system should have is said once, with what would help. */
function sayFallback(choice: Choice): void {
  const warning = fallbackWarning(choice)
  if (fallbackWasSaid || warning === undefined) return
  fallbackWasSaid = true
  process.emitWarning(warning.message, { code: 'FRAMEPORT_BACKEND_FALLBACK', detail: warning.detail })
}
