import { clientCore, serverCore } from './cores.ts'
import { ProgramProcess } from './program-process.ts'

/** The server and the client of one work. */
export interface Program {
  readonly name: string
  readonly file: string
  readonly variables: Readonly<Record<string, string>>
  /** The client's arguments besides the port. */
  readonly clientArgs?: readonly string[] | undefined
  /** The program that runs the file (default: this Node.js). */
  readonly command?: readonly string[] | undefined
  /** The folder in which it runs (default: that of this process). */
  readonly folder?: string | undefined
}

export interface Pair {
  readonly server: ProgramProcess
  readonly client: ProgramProcess
}

/**
 * Starts both sides, each on a core of its own, and ends them in any case.
 *
 * @throws Error if the server uses another back end than the variables request
 */
export async function withPair<T>(
  { name, file, variables, command, folder, clientArgs = [] }: Program,
  nodeFlags: readonly string[],
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const common = { file, variables, nodeFlags, command, folder }
  const server = await ProgramProcess.start({ ...common, core: serverCore, args: ['server'] })
  try {
    const { port, backend } = server.ready
    const asked = variables.FRAMEPORT_BACKEND ?? 'auto'
    if (backend !== undefined && asked !== 'auto' && backend !== asked)
      throw new Error(`${name} took the back end ${backend} instead of ${asked}.`)
    const args = ['client', String(port), ...clientArgs]
    const client = await ProgramProcess.start({ ...common, core: clientCore, args })
    try {
      return await use({ server, client })
    } finally {
      await client.stop()
    }
  } finally {
    await server.stop()
  }
}

/** Like {@link withPair} for several programs, in their order. */
export function withPairs<T>(
  programs: readonly Program[],
  use: (pairs: readonly Pair[]) => Promise<T>,
  started: readonly Pair[] = [],
): Promise<T> {
  const [next, ...rest] = programs
  if (next === undefined) return use(started)
  return withPair(next, [], (pair) => withPairs(rest, use, [...started, pair]))
}
