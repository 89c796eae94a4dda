import { type Logger, pino } from 'pino'
import { build as pretty } from 'pino-pretty'
import { colorsFor } from '../colors.ts'

/** Rows for people on a terminal, JSON lines everywhere else; on standard output, as it comes. */
export function createLog(output: typeof process.stdout): Logger {
  if (!output.isTTY) return pino(pino.destination({ fd: output.fd, sync: true }))
  const colorize = colorsFor(output, process.env).isColorSupported
  return pino(
    pretty({
      colorize,
      sync: true,
      singleLine: true,
      destination: output.fd,
      translateTime: 'HH:MM:ss',
      ignore: 'pid,hostname',
    }),
  )
}
