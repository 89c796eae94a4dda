import { serveSite } from './serve.ts'

/* npm run site:preview: serves the built site on loopback. PORT chooses the port. */
const { url } = await serveSite(Number(process.env.PORT ?? 5590))
process.stdout.write(`The site is at ${url} (Ctrl-C ends this).\n`)
