import { startLoad } from '../native/children/load.ts'

/* Ends with operations in flight, and with the status it gives. */
await startLoad('iocp', 8)
setTimeout(() => {
  process.stdout.write('exiting\n')
  process.exit(23)
}, 50)
