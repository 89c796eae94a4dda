import { parseArgs } from 'node:util'
import { serveSite } from './serve.ts'

/* npm run site:preview: serves the built site on loopback. `-- --port N` selects the port; 0 takes a free one. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '5590' } } })
const { url } = await serveSite(Number(values.port))
process.stdout.write(`The site is at ${url} (Ctrl-C ends this).\n`)
