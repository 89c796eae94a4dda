import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { managers } from './managers.ts'
import { type Ended, npmCli, Place, type Started } from './place.ts'

const folder = fileURLToPath(new URL('../../../examples/starter/', import.meta.url))
const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8')
/** Files that npm and the compiler write into it. */
const written = /^(?:node_modules|build|package-lock\.json)(?:\/|$)/

/**
 * The project to copy, as a user has it: copied, installed from the registry, compiled, tested. Then the steps of its
 * Dockerfile, in order and with nothing else around, but without Docker itself. Returns the failed step; undefined if none failed.
 */
export async function checkStarter(registry: string, backend: string): Promise<string | undefined> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object
  const place = new Place(manifest, {})
  const npm = managers.find(({ name }) => name === 'npm')
  const environment = npm?.environment(registry, (name) => place.beside(name)) ?? {}
  const run = async (command: string) =>
    must(`npm ${command}`, await place.run(process.execPath, [npmCli(), ...command.split(' ')], environment))
  try {
    cpSync(folder, place.folder, {
      recursive: true,
      filter: (path) => !written.test(relative(folder, path)),
    })
    for (const command of ['install', 'run typecheck']) await run(command)
    const tested = await run('test')
    if (!/\bpass [1-9]/.test(tested.stdout)) return `npm test ran no test:\n${tested.stdout}`

    // The image is built without tests, and contains only what the last stage copies.
    remove(place, (name) => name === 'build')
    for (const name of readdirSync(join(place.folder, 'src')))
      if (name.endsWith('.test.ts')) rmSync(join(place.folder, 'src', name))
    for (const [, command = ''] of dockerfile.matchAll(/^RUN npm (.+)$/gm)) await run(command)
    const copied = [...dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm)].map(([, name = '']) => name)
    const absent = copied.filter((name) => !existsSync(join(place.folder, name)))
    if (absent.length > 0)
      return `the Dockerfile copies ${absent.join(', ')}, which its first stage does not make`
    remove(place, (name) => !copied.includes(name))
    if (existsSync(join(place.folder, 'node_modules/typescript'))) return 'the image would hold the compiler'
    const failure = await serve(place, backend)
    if (failure === undefined)
      process.stdout.write(`examples/starter, installed by npm, as its image: ${backend}\n`)
    return failure
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    place.remove()
  }
}

/** The server as the image starts it, with clients, its health check and its end. */
async function serve(place: Place, backend: string): Promise<string | undefined> {
  const [program = '', ...args] = listAt('CMD')
  const server = place.start(program, args, { HOST: '127.0.0.1', PORT: '0', PROBES_PORT: '0' })
  try {
    const listening = await lineOf<{ url: string; backend: string }>(server, 'listening')
    if (listening.backend !== backend) return `the back end is ${listening.backend}, not ${backend}`
    const probes = await lineOf<{ port: number }>(server, 'probes listen')
    const isHealthy = () => healthCheck(place, probes.port)
    must('the health check', await isHealthy())
    await book(place, listening.url, 'ada', 'yours: 2030-01-31 window: ada')
    await book(place, listening.url, 'bob', 'taken by ada')
    server.signal('SIGTERM')
    const ended = must('the server, which was told to end,', await server.ended)
    if (!ended.stdout.includes('"closed"')) return `the server did not say that it closed:\n${ended.stdout}`
    if ((await isHealthy()).code === 0) return 'the health check passes without a server'
    return undefined
  } finally {
    server.signal('SIGKILL')
    await server.ended
  }
}

/** A line of its log. */
async function lineOf<Facts>(server: Started, text: string): Promise<Facts> {
  return JSON.parse(await server.printed(new RegExp(`^\\{.*"${text}"\\}$`, 'm'))) as Facts
}

async function book(place: Place, url: string, name: string, expected: string): Promise<void> {
  const args = ['build/client.js', '2030-01-31', 'window', name]
  const { stdout } = must('the client', await place.run('node', args, { DESKS_URL: url }))
  const lines = stdout.trim().split('\n')
  if (!lines.includes(expected) || lines.at(-1) !== '2030-01-31 window: ada')
    throw new Error(`the client of ${name} should print '${expected}':\n${stdout}`)
}

function healthCheck(place: Place, port: number): Promise<Ended> {
  const [program = '', ...args] = listAt('HEALTHCHECK [^[]*CMD')
  return place.run(
    program,
    args.map((arg) => arg.replace('127.0.0.1:8080', `127.0.0.1:${port}`)),
  )
}

function listAt(instruction: string): readonly string[] {
  const [, list = '[]'] = new RegExp(`^${instruction} (\\[.+\\])$`, 'm').exec(dockerfile) ?? []
  return JSON.parse(list) as readonly string[]
}

function remove(place: Place, isUnwanted: (name: string) => boolean): void {
  for (const name of readdirSync(place.folder).filter(isUnwanted))
    rmSync(join(place.folder, name), { recursive: true })
}

/** @throws Error if its exit code is not 0 */
function must(what: string, ended: Ended): Ended {
  if (ended.code !== 0) throw new Error(`${what} ended with ${ended.code}.\n${ended.stdout}${ended.stderr}`)
  return ended
}
