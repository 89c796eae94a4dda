import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { readWhole } from '../options.ts'
import { problemsOf } from './kills/check-lines.ts'
import { KilledServer } from './kills/killed-server.ts'
import { Speaker } from './kills/speaker.ts'

/** Kills the chat server repeatedly while a client sends lines, and checks that every confirmed line is kept. */

interface Options {
  readonly rounds: number
}

const { rounds } = new Command('npm run kills --')
  .description(
    'Kills the chat server between confirmations, and checks that every confirmed line is kept, in order, once.',
  )
  .option('--rounds <count>', 'number of kills', (text) => readWhole(text, 1, 10_000), 50)
  .parse(process.argv)
  .opts<Options>()

const say = (line: string) => process.stdout.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'frameport-kills-'))
try {
  const speaker = new Speaker()
  for (let round = 1; round <= rounds; round += 1) {
    const server = await KilledServer.start(folder)
    const said = await speaker.speakUntilKilled(server)
    say(`${round}: ${said} lines confirmed, then killed`)
  }
  const server = await KilledServer.start(folder)
  const kept = await speaker.finish(server)
  await server.kill()
  const { confirmed, sentAgain, keptBefore } = speaker
  const problems = problemsOf(confirmed, kept)
  for (const problem of problems) say(problem)
  say(`${rounds} kills, ${confirmed.length} lines confirmed, ${kept.length} kept.`)
  say(`${sentAgain} lines were sent again; the log had ${keptBefore} of them.`)
  say(problems.length === 0 ? 'Every confirmed line is there, in order, once.' : 'Lines are wrong.')
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true })
}
