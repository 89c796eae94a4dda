import { type Logger, pino } from 'pino'
import { build as pretty } from 'pino-pretty'
import { colorsFor } from '../colors.ts'

/** Logs rows for people on a terminal and JSON lines elsewhere, to standard output and without buffering. */
export function createLog(output: Pick<typeof process.stdout, 'isTTY' | 'fd'>): Logger {
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
