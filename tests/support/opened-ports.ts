import { expect } from 'vitest'

/** The exports of `own-port.ts` of a package. */
interface OwnPort<Arguments extends unknown[], Port> {
  openOwnPort(...args: Arguments): Port
}

/** Replaces `own-port.ts` of a package: the ports are real, and recorded in the order in which they are opened. */
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

/** Whether a port can be used, which a closed one cannot. */
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
