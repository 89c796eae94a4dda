/**
 * Stops this job until the shell continues it, as Ctrl-Z does outside of raw mode: the whole group of processes. npm and its
 * shell stand above this program, and a shell that only sees them run would not come back.
 */
export function suspendProcess(): void {
  if (process.platform !== 'win32') process.kill(0, 'SIGTSTP')
}
