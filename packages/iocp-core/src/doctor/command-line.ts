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
  --require NAME      judge by this back end: iocp, io_uring, epoll or net
  --json              print one JSON object instead of text
  --seccomp-profile   print a seccomp profile for containers that allows io_uring, and nothing else
  -h, --help          print this

Exit codes: 0, the best back end that this system can have (or the required one) works; 1, it does not; 2, bad arguments.
`

/** The options, or a sentence that says what is wrong with them. */
export function readCommandLine(
  argv: readonly string[],
  names: readonly BackendName[],
): DoctorOptions | { readonly problem: string } {
  const parsed = parse(argv)
  if ('problem' in parsed) return parsed
  const { values, positionals } = parsed
  // There is one command, so its name may be left out.
  const extra = positionals.slice(positionals[0] === 'doctor' ? 1 : 0)
  if (extra.length > 0) return { problem: `There is no command or argument '${extra.join(' ')}'.` }
  const required = names.find((name) => name === values.require)
  if (values.require !== undefined && required === undefined) {
    return { problem: `--require is '${values.require}', none of ${names.join(', ')}.` }
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
