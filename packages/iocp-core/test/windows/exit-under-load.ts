import { startLoad } from '../native/children/load.ts'

/* Exits with operations in flight, and with its own exit code. */
await startLoad('iocp', 8)
setTimeout(() => {
  process.stdout.write('exiting\n')
  process.exit(23)
}, 50)
