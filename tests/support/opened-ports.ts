import { expect } from 'vitest'

/** What a package's `own-port.ts` exports. */
interface OwnPort<Arguments extends unknown[], Port> {
  openOwnPort(...args: Arguments): Port
}

/** Stands in for a package's `own-port.ts`: the ports are real, and written down in the order in which they are opened. */
export function writingDown<Arguments extends unknown[], Port>(
  { openOwnPort }: OwnPort<Arguments, Port>,
  ports: unknown[],
): OwnPort<Arguments, Port> {
  return {
    openOwnPort(...args) {
      const port = openOwnPort(...args)
      ports.push(port)
      return port
    },
  }
}

/** Whether a port can still be used in this way: not when it is closed. */
export async function isUsable<Port>(
  port: Port | undefined,
  use: (port: Port) => Promise<unknown>,
): Promise<boolean> {
  if (port === undefined) return false
  try {
    await use(port)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'PORT_CLOSED' })
    return false
  }
}
