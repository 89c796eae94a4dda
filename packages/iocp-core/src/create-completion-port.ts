import {
  aBoolean,
  aNumberWithin,
  aText,
  type Reader,
  type Readers,
  readOptions,
} from './arguments/read-options.ts'
import { backEnds, probe } from './back-ends.ts'
import { backendFromEnvironment, type Choice, fallbackWarning, openBackEnd } from './choose-back-end.ts'
import type { BackendChoice } from './contract/backend-note.ts'
import type { CompletionPort, CompletionPortOptions } from './contract/completion-port.ts'
import type { CompletePortOptions, DriverFactory } from './contract/driver.ts'
import { CorePort } from './core/core-port.ts'
import { IocpError } from './iocp-error.ts'
import { limits } from './limits.ts'

let fallbackWasSaid = false

/**
 * Opens a completion port. If `auto` selects a back end although a better one should work on this system, a process warning
 * (`FRAMEPORT_BACKEND_FALLBACK`) says why, once.
 *
 * @example
 * ```ts
 * await using port = createCompletionPort()
 * console.log(port.backend)
 * ```
 *
 * @throws IocpError `BACKEND_UNAVAILABLE` if the back end that the option or FRAMEPORT_BACKEND names does not work here; `OPTION_UNSUPPORTED`;
 *   `INVALID_ARGUMENT`
 */
export function createCompletionPort(options: CompletionPortOptions = {}): CompletionPort {
  const choice = openWithOptions(options)
  sayFallback(choice)
  return new CorePort(choice.driver, choice.options, probe)
}

/** Opens the driver of a completion port, without a warning. */
export function openWithOptions(
  options: CompletionPortOptions,
): Choice & { readonly options: CompletePortOptions } {
  const given = readOptions(options, 'createCompletionPort', readers)
  const checked = completed(given)
  const choice = openBackEnd(backEnds, checked.backend, (factory) => {
    if (given.workers !== undefined && factory.note().available && factory.hasWorkers !== true) {
      throw new IocpError('OPTION_UNSUPPORTED', { detail: `workers on back end ${factory.backend}` })
    }
    return factory.open({ ...checked, notSentLowBytes: notSentLow(given.notSentLowBytes, factory) })
  })
  return { ...choice, options: checked }
}

/** The default if the back end can set it. A value that was given is never ignored. */
function notSentLow(given: number | undefined, factory: DriverFactory): number {
  if (given === 0 || !factory.note().available) return 0
  const refusal = factory.notSentLowRefusal()
  if (refusal === undefined) return given ?? limits.notSentLowBytes.default
  if (given === undefined) return 0
  throw new IocpError('OPTION_UNSUPPORTED', {
    detail: `notSentLowBytes on back end ${factory.backend}: ${refusal}`,
  })
}

const readers: Readers<CompletionPortOptions> = {
  // Whether a back end has this name is checked when it is looked up.
  backend: aText as Reader<BackendChoice>,
  sendQueueHighBytes: aNumberWithin('sendQueueHighBytes'),
  sendQueueLowBytes: aNumberWithin('sendQueueLowBytes'),
  notSentLowBytes: aNumberWithin('notSentLowBytes'),
  receiveBufferBytes: aNumberWithin('receiveBufferBytes'),
  workers: aNumberWithin('workers'),
  poisonLentBytes: aBoolean,
}

function completed(given: CompletionPortOptions): CompletePortOptions {
  const sendQueueHighBytes = given.sendQueueHighBytes ?? limits.sendQueueHighBytes.default
  const defaultLowBytes = Math.min(limits.sendQueueLowBytes.default, sendQueueHighBytes)
  const sendQueueLowBytes = given.sendQueueLowBytes ?? defaultLowBytes
  if (sendQueueLowBytes > sendQueueHighBytes) {
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `sendQueueLowBytes (${sendQueueLowBytes}) is greater than sendQueueHighBytes (${sendQueueHighBytes})`,
    })
  }
  return {
    backend: given.backend ?? backendFromEnvironment(backEnds),
    sendQueueHighBytes,
    sendQueueLowBytes,
    notSentLowBytes: given.notSentLowBytes ?? limits.notSentLowBytes.default,
    receiveBufferBytes: given.receiveBufferBytes ?? limits.receiveBufferBytes.default,
    workers: given.workers ?? limits.workers.default,
    poisonLentBytes: given.poisonLentBytes ?? false,
  }
}

/** Warns once if the back end is not the best one that this system should have, and says what would help. */
function sayFallback(choice: Choice): void {
  const warning = fallbackWarning(choice)
  if (fallbackWasSaid || warning === undefined) return
  fallbackWasSaid = true
  process.emitWarning(warning.message, { code: 'FRAMEPORT_BACKEND_FALLBACK', detail: warning.detail })
}
