import { type BackendName, type CompletionPort, createCompletionPort } from '../../src/index.ts'

/** The port of the back end that the first argument names. */
export function openNamedPort(): CompletionPort {
  return createCompletionPort({ backend: process.argv[2] as BackendName })
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
