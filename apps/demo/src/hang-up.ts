import { isatty } from 'node:tty'

/** The exit code after the terminal has gone, as a shell sees the end by SIGHUP. */
export const hungUp = 129

/**
 * Whether a terminal of this process has gone. The end of its input may be seen before SIGHUP arrives, so no signal is
 * waited for: `isTTY` says what it was at the start, and tcgetattr(3) fails once it has gone.
 */
export function isTerminalGone(): boolean {
  const { stdin, stdout, stderr } = process
  return [stdin, stdout, stderr].some(({ isTTY }, descriptor) => isTTY && !isatty(descriptor))
}

/**
 * Exits, and without its terminal as SIGHUP ends a process by default. Node.js (20 to 24) sets the modes of its terminal
 * back before it exits, and aborts with a dump when that terminal has gone; on Windows it does not.
 */
export function exit(exitCode: number): void {
  if (isTerminalGone() && process.platform !== 'win32') {
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  }
  process.exit(exitCode)
}
