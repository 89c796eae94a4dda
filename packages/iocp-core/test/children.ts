import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)))

export interface ChildResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs TypeScript sources as a separate program, in the folder of the package. */
export function runNode(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ChildResult> {
  const command = ['--conditions=@frameport/source', '--import', 'tsx', ...args]
  const env = { ...process.env, NODE_OPTIONS: '', ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: packageFolder, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}
