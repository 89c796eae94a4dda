import { unknownName } from '@frameport/protocol'
import { ServerError } from './server-error.ts'
import type { ServerOptions } from './server-types.ts'

const names: Readonly<Record<keyof ServerOptions<unknown>, 'function' | 'object' | 'boolean' | 'string'>> = {
  context: 'function',
  port: 'object',
  backend: 'string',
  log: 'object',
  limits: 'object',
  environment: 'object',
  onConnection: 'function',
  onDisconnect: 'function',
  validateOutputs: 'boolean',
}

/**
 * Options are checked when they are given: a wrong one would fail with the first client, out of sight.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkServerOptions(options: ServerOptions<unknown>): void {
  const problem = unknownName('options', options, Object.keys(names))
  if (problem !== undefined) throw new ServerError('INVALID_OPTION', problem)
  for (const [name, kind] of Object.entries(names)) {
    const value = options[name as keyof typeof names] as unknown
    if (value === undefined || (typeof value === kind && value !== null)) continue
    throw new ServerError(
      'INVALID_OPTION',
      `${name} is ${value === null ? 'null' : `a ${typeof value}`}, not a ${kind}`,
    )
  }
}
