/** Writes the session that the tests in Python decode: `npm run record --workspace=tests/interop`. */
import { writeFileSync } from 'node:fs'
import { recordSession } from './support/record-session.ts'
import { recordedSession } from './support/recorded-session.ts'

writeFileSync(recordedSession, `${JSON.stringify(await recordSession(), undefined, 2)}\n`)
