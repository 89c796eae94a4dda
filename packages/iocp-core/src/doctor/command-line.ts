import { parseArgs } from 'node:util'
import type { BackendName } from '../contract/backend-note.ts'

export interface DoctorOptions {
  readonly json: boolean
  readonly help: boolean
  readonly seccompProfile: boolean
  readonly require: BackendName | undefined
}

export const usage = `Usage: npx @frameport/iocp-core doctor [options]

Tries every back end of the completion port on this machine and says what works, what does not, why, and what to do.

Options:
  --require NAME      the exit code is about this back end: iocp, io_uring, epoll or net
  --json              print one JSON object instead of text
  --seccomp-profile   print only a seccomp profile that allows io_uring in containers
  -h, --help          print this help

Exit codes: 0 if the best back end for this system (or the required one) works, 1 if it does not, 2 if an argument is invalid.
`

/** Returns the options, or a sentence that explains why they are invalid. */
export function readCommandLine(
  argv: readonly string[],
  names: readonly BackendName[],
): DoctorOptions | { readonly problem: string } {
  const parsed = parse(argv)
  if ('problem' in parsed) return parsed
  const { values, positionals } = parsed
  // There is one command, so its name may be left out.
  const extra = positionals.slice(positionals[0] === 'doctor' ? 1 : 0)
  if (extra.length > 0) return { problem: `Unknown command or argument '${extra.join(' ')}'.` }
  const required = names.find((name) => name === values.require)
  if (values.require !== undefined && required === undefined) {
    return { problem: `--require is '${values.require}', not one of ${names.join(', ')}.` }
  }
  return {
    json: values.json,
    help: values.help,
    seccompProfile: values['seccomp-profile'],
    require: required,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        'seccomp-profile': { type: 'boolean', default: false },
        require: { type: 'string' },
      },
    })
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
