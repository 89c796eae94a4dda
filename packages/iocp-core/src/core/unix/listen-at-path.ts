import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DriverListener } from '../../contract/driver.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { endpointUrl } from '../../endpoint/parse-endpoint.ts'
import { IocpError } from '../../iocp-error.ts'
import { ownPath } from './own-paths.ts'
import { fileAt } from './socket-file.ts'
import type { ProbeHost } from './socket-probe.ts'
import { StagedSocket } from './staged-socket.ts'
import { takePath } from './take-path.ts'

/** Named pipes of Windows are not files: the system releases their names, and has no mode for them. */
export const unixPathsAreFiles = process.platform !== 'win32'

/** @throws IocpError `INVALID_ARGUMENT` for an endpoint without a file, `OPTION_UNSUPPORTED` for a named pipe */
export function refuseUnixMode(endpoint: Endpoint): void {
  const detail = `listen ${endpointUrl(endpoint)} with unixMode`
  if (endpoint.kind !== 'unix') {
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `${detail}, but only the file of a unix socket has a mode`,
      fix: 'Omit unixMode, or listen at unix:/PATH.',
    })
  }
  if (!unixPathsAreFiles) {
    throw new IocpError('OPTION_UNSUPPORTED', { detail: `${detail}, but a named pipe has none` })
  }
}

/**
 * Listens at a path that is a file, for every back end: binds in a folder of its own, sets the mode, and moves the socket
 * to its path, replacing a stale one if necessary.
 *
 * @param bind binds and listens at a path other than the one to show
 * @param mode undefined: determined by the umask of the process
 * @throws IocpError `ADDRESS_IN_USE`, `NOT_A_SOCKET`, `PERMISSION_DENIED`, `SYSTEM_ERROR`, …
 */
export async function listenAtPath(
  endpoint: Endpoint & { readonly kind: 'unix' },
  mode: number | undefined,
  bind: (bindPath: string) => Promise<DriverListener>,
  host: ProbeHost,
): Promise<DriverListener> {
  // The process may change its folder before the listener closes.
  const target = resolve(endpoint.path)
  let staged: StagedSocket | undefined
  let listener: DriverListener | undefined
  try {
    staged = new StagedSocket(target)
    listener = await bind(staged.bindPath)
    if (mode !== undefined) chmodSync(staged.path, mode)
    const file = fileAt(staged.path)
    if (file === undefined) throw new IocpError('SYSTEM_ERROR', { detail: `${staged.path} was removed` })
    await takePath(staged.path, target, host)
    return withPath(listener, ownPath(target, file))
  } catch (error) {
    await listener?.close()
    throw IocpError.from(error, 'listen', endpointUrl(endpoint))
  } finally {
    staged?.remove()
  }
}

function withPath(listener: DriverListener, removePath: () => void): DriverListener {
  return {
    endpoint: listener.endpoint,
    close() {
      // First, so that no client finds the path and is refused.
      removePath()
      return listener.close()
    },
  }
}
