import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromiumPath, People, say, sees, withoutBrowser } from '../support/browser.ts'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'
import { terminalPicture } from './terminal-picture.ts'

/** `npm run screenshots`: the pictures in README, of the page and of the terminal, from real chats. */

if (chromiumPath === undefined) throw new Error(withoutBrowser)
const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url))
const programs = new Programs()
const people = await People.arrive()
const folder = await mkdtemp(join(tmpdir(), 'frameport-screenshots-'))
try {
  const { pageUrl, port } = await startServer(programs, '--page-port', '0')
  const url = pageUrl as string
  const window = { viewport: { width: 960, height: 560 }, locale: 'en-GB', timezoneId: 'UTC' }
  const light = await people.enter(url, 'alice', { ...window, colorScheme: 'light' })
  const dark = await people.enter(url, 'bob', { ...window, colorScheme: 'dark' })
  const phone = await people.enter(url, 'carol', {
    ...window,
    viewport: { width: 375, height: 667 },
    deviceScaleFactor: 2,
  })
  const terminal = programs.chat('--name', 'dave', '--port', port)
  await terminal.says('* In lobby (4)')
  await say(light, 'morning! is anybody here?')
  await sees(dark, 'anybody here')
  await say(dark, 'hi alice, this is the page')
  await sees(light, 'this is the page')
  terminal.write('and this is a terminal\n')
  await sees(light, 'and this is a terminal')
  await say(phone, 'on the phone it is the same chat')
  await sees(light, 'on the phone')
  const plan = join(folder, 'plan.pdf')
  await writeFile(plan, Buffer.alloc(640_000, '%PDF '))
  await phone.locator('#file').setInputFiles(plan)
  for (const page of [light, dark]) await page.getByRole('button', { name: 'Take it' }).waitFor()
  await dark.getByLabel('Your line').pressSequentially('which room for the benchm')
  await light.getByText('bob is typing').waitFor()
  await light.screenshot({ path: join(docs, 'chat-page-light.png') })
  await dark.screenshot({ path: join(docs, 'chat-page-dark.png') })
  await phone.screenshot({ path: join(docs, 'chat-page-phone.png') })
  await writeFile(join(docs, 'chat.svg'), await pictureOfTerminal())
} finally {
  await people.leave()
  await programs.endAll()
  await rm(folder, { recursive: true })
}

/** Three people in terminals, one of whom is a script. */
async function pictureOfTerminal(): Promise<string> {
  const { port } = await startServer(programs)
  const ada = programs.chatOnTerminal(84, ['--name', 'ada', '--port', port], { TZ: 'UTC' })
  await ada.shows('/help lists the commands')
  const grace = programs.chatOnTerminal(84, ['--name', 'grace', '--port', port])
  await ada.shows('grace joined')
  ada.type('hello everybody\r')
  await grace.shows('hello everybody')
  grace.type('hi ada, how is the engine?\r')
  await ada.shows('how is the engine?')
  const script = join(folder, 'bot.txt')
  await writeFile(script, 'hello from a script\n/wait 60000\n')
  programs.chat('--name', 'bot', '--port', port, '--script', script)
  await ada.shows('hello from a script')
  ada.type('it runs: 64-byte frames, two cores, nobody waits\r')
  await grace.shows('nobody waits')
  ada.type('/who\r')
  await ada.shows('In lobby (3)')
  grace.type('how many rooms')
  await ada.shows('grace is typing')
  ada.type('that is go')
  await ada.endsWith('that is go')
  return terminalPicture(
    ada.screen,
    'npm run chat -- --name ada',
    'A terminal: ada, grace and a bot talk in the room lobby',
  )
}
