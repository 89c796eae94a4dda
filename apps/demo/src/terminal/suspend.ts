/**
 * Stops the whole process group of this job until the shell continues it, as Ctrl-Z does outside of raw mode. npm and
 * its shell are parents of this program, and the shell of the person would not show its prompt while they run.
 */
export function suspendProcess(): void {
  if (process.platform !== 'win32') process.kill(0, 'SIGTSTP')
}
