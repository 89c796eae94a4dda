import type { CompletionPort, Connection } from '@frameport/iocp-core'
import { type OurSession, type OurSessionOptions, ourSession } from './our-session.ts'
import { type PythonProcess, startPython } from './python.ts'

/** One of our sessions in the role of a server, and the script that connected to it. */
export interface AcceptedPython extends OurSession {
  readonly python: PythonProcess
}

/** Starts a script with the number of our port after `args`, and accepts its connection. */
export async function acceptPython(
  port: CompletionPort,
  [script, ...args]: readonly [string, ...string[]],
  options: OurSessionOptions = {},
): Promise<AcceptedPython> {
  let accept: (connection: Connection) => void = () => undefined
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve
  })
  const listener = await port.listen('tcp://127.0.0.1:0', (connection) => accept(connection))
  const python = startPython(script, ...args, new URL(listener.url).port)
  return { python, ...ourSession('server', await accepted, options) }
}
