import { parseArgs } from 'node:util'
import type { BackendName } from '@frameport/iocp-core'
import type { WaitingOptions } from './waiting-sessions.ts'

const backends = ['net', 'epoll', 'io_uring', 'iocp']
/** The maximum of a timer. */
const windowMsMax = 2_147_483_647
/** Less than a session keeps for its client by default. */
const answerBytesMax = 1_000_000

/** The requested measurements, one after the other. @throws Error with a sentence */
export function waitingOptions(args: readonly string[]): readonly WaitingOptions[] {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sessions: { type: 'string', default: '10000' },
      'answer-bytes': { type: 'string', multiple: true, default: ['0', '4096'] },
      // Long enough for the last client to be gone before the first session ends, even on a busy machine.
      'window-ms': { type: 'string', default: '300000' },
      backend: { type: 'string', default: 'net' },
    },
  })
  const { backend } = values
  if (!backends.includes(backend))
    throw new RangeError(`--backend is one of ${backends.join(', ')}, not ${backend}`)
  const sessions = wholeNumber('sessions', values.sessions, 1, 1_000_000)
  const windowMs = wholeNumber('window-ms', values['window-ms'], 1, windowMsMax)
  return values['answer-bytes'].map((given) => ({
    backend: backend as BackendName,
    sessions,
    windowMs,
    answerBytes: wholeNumber('answer-bytes', given, 0, answerBytesMax),
  }))
}

function wholeNumber(name: string, given: string, least: number, most: number): number {
  const value = given.trim() === '' ? Number.NaN : Number(given)
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`--${name} is a whole number from ${least} to ${most}, not ${given}`)
}
