import { isatty } from 'node:tty'

/** The exit code after the terminal has gone, as a shell sees the end by SIGHUP. */
export const hungUp = 129

/**
 * Whether a terminal of this process has gone. The end of its input may arrive before SIGHUP, so this does not wait for
 * the signal: `isTTY` describes the start of the process, and tcgetattr(3) fails once the terminal has gone.
 */
export function isTerminalGone(): boolean {
  const { stdin, stdout, stderr } = process
  return [stdin, stdout, stderr].some(({ isTTY }, descriptor) => isTTY && !isatty(descriptor))
}

/**
 * Exits. If its terminal has gone, the process ends by the default action of SIGHUP, because Node.js (20 to 24) restores
 * the modes of its terminal before it exits, and aborts with a dump if it cannot. On Windows it does not abort.
 */
export function exit(exitCode: number): void {
  if (isTerminalGone() && process.platform !== 'win32') {
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  }
  process.exit(exitCode)
}
