import { type BackendName, createPort, type Port } from '../../src/index.ts'

/** The port of the back end that the first argument names. */
export function openNamedPort(): Port {
  return createPort({ backend: process.argv[2] as BackendName })
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
