/** The exit code after the terminal has gone, as a shell sees the end by SIGHUP. */
export const hungUp = 129

/**
 * Ends the process as SIGHUP does by default. Node.js (20 to 24) sets the modes of its terminal back before it exits, and
 * aborts with a dump when that terminal has gone. On Windows, where it does not, the caller has to exit.
 */
export function dieOfHangUp(): void {
  if (process.platform === 'win32') return
  process.removeAllListeners('SIGHUP')
  process.kill(process.pid, 'SIGHUP')
}
