import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Program, Programs } from './program.ts'

/** A folder of scripts that is removed when the test ends. */
export class Scripts {
  #folder: string | undefined
  #count = 0

  async write(lines: readonly string[]): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'frameport-chat-'))
    this.#count += 1
    const path = join(this.#folder, `script-${this.#count}.txt`)
    await writeFile(path, `${lines.join('\n')}\n`)
    return path
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true })
    this.#folder = undefined
  }
}

export interface RunningServer {
  readonly program: Program
  readonly port: string
  readonly backend: string
  /** Of the web page, if it was asked for by `--page-port`. */
  readonly pageUrl: string | undefined
}

/** Starts a server on a free port and reads what it says of itself. It has a page when `--page-port` asks for one. */
export async function startServer(
  programs: Pick<Programs, 'server'>,
  ...args: string[]
): Promise<RunningServer> {
  const hasPage = args.includes('--page-port')
  const port0 = args.includes('--port') ? [] : ['--port', '0']
  const program = programs.server(...port0, ...(hasPage ? [] : ['--no-page']), ...args)
  const pattern = /^Frameport chat listening on tcp:\/\/127\.0\.0\.1:(\d+) \(backend (\w+)\)$/m
  const [, port = '', backend = ''] = await program.until(
    'the server',
    ({ output }) => pattern.exec(output) ?? undefined,
  )
  const pageUrl = hasPage
    ? await program.until('the page', ({ output }) => /^Or in a browser: (\S+)$/m.exec(output)?.[1])
    : undefined
  return { program, port, backend, pageUrl }
}
