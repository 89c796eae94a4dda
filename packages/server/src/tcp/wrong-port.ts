import { backendChoices } from '@frameport/iocp-core'
import { missingMethods, shapes, wrongChoice } from '@frameport/protocol/checks'
import type { TcpOptions } from './tcp-options.ts'

/**
 * Describes what is wrong with the options that choose a completion port; undefined if nothing is.
 *
 * @throws Unreadable
 */
export function wrongPort({
  completionPort,
  backend,
}: Pick<TcpOptions, 'completionPort' | 'backend'>): string | undefined {
  return (
    missingMethods('completionPort', completionPort, shapes.completionPort) ??
    wrongChoice('backend', backend, backendChoices)
  )
}
