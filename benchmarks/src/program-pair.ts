import { clientCore, serverCore } from './cores.ts'
import { ProgramProcess } from './program-process.ts'

/** What runs as a server and as a client of one work. */
export interface Program {
  readonly name: string
  readonly file: string
  readonly variables: Readonly<Record<string, string>>
  /** What the client is told beside the port. */
  readonly clientArgs?: readonly string[] | undefined
  /** What runs the file (this Node.js). */
  readonly command?: readonly string[] | undefined
  /** Where it runs (where this process does). */
  readonly folder?: string | undefined
}

export interface Pair {
  readonly server: ProgramProcess
  readonly client: ProgramProcess
}

/**
 * Starts both sides, each on a core of its own, and ends them whatever happens.
 *
 * @throws Error when the server took another back end than the variables ask for
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

/** As {@link withPair} for several programs, in their order. */
export function withPairs<T>(
  programs: readonly Program[],
  use: (pairs: readonly Pair[]) => Promise<T>,
  started: readonly Pair[] = [],
): Promise<T> {
  const [next, ...rest] = programs
  if (next === undefined) return use(started)
  return withPair(next, [], (pair) => withPairs(rest, use, [...started, pair]))
}
