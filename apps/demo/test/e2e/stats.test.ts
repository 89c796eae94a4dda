import { afterEach, expect, test } from 'vitest'
import { Programs } from '../support/program.ts'
import { startServer } from '../support/scripts.ts'

const programs = new Programs()

afterEach(() => programs.endAll())

test('/stats shows statistics below the lines, and updates them, until /stats or Esc', {
  timeout: 120_000,
}, async () => {
  const { port } = await startServer(programs)
  const alice = programs.chatOnTerminal(80, ['--name', 'alice', '--port', port])
  await alice.endsWith('alice ›')
  alice.type('/stats\r')
  const connections = (count: number) => new RegExp(`^server .*\\n\\w{8} +\\w+ +${count} +[0-9.]+ `, 'm')
  await alice.until('the figures of one connection', ({ text }) => connections(1).test(text))
  alice.type('half a line')
  const bob = programs.chat('--name', 'bob', '--port', port)
  await alice.until('the figures of two', ({ text }) => connections(2).test(text))
  bob.write('hello\n')
  await alice.shows('bob: hello')
  await alice.until('one table above the status', ({ visibleRows }) => {
    const heading = visibleRows.findIndex((row) => row.startsWith('server '))
    return (
      visibleRows.filter((row) => row.startsWith('server ')).length === 1 &&
      visibleRows[heading + 2]?.startsWith('── lobby · 2 here') === true &&
      visibleRows[heading + 3] === 'alice › half a line'
    )
  })
  expect(Math.max(...alice.screen.visibleRows.map((row) => row.length))).toBeLessThanOrEqual(80)
  alice.type('\u001b')
  const isGone = ({ text }: { readonly text: string }) => !text.includes('\nserver ')
  await alice.until('no figures', isGone)
  await alice.endsWith('alice › half a line')
  alice.type('\r')
  await alice.shows('alice: half a line')
  alice.type('/stats\r')
  await alice.shows('\nserver ')
  alice.type('/stats\r')
  await alice.until('no figures', isGone)
  alice.type('/stats\r')
  await alice.shows('\nserver ')
  alice.type('\u0003')
  expect((await alice.program.end()).exitCode).toBe(0)
  expect(alice.screen.text).not.toContain('\nserver ')
})
