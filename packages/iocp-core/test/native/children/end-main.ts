import type { BackendName } from '../../../src/index.ts'
import { endInside, type Place } from './end-inside.ts'

/* end-main.ts BACKEND PLACE exit|throw */
const [backend, place, way] = process.argv.slice(2)
await endInside(backend as BackendName, place as Place, () => {
  if (way === 'exit') process.exit(23)
  throw new Error('thrown on purpose')
})
