import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolder } from '../addon-variants.mjs'
import { environmentOf } from './environments.mjs'
import { programs } from './programs.mjs'
import { racesIn } from './races.mjs'

/** Builds one variant, with a fault where one is given. Returns the path of the addon. */
export function buildAddon(variant, fault) {
  const script = join(packageFolder, 'scripts', 'build-addon.mjs')
  const faultArguments = fault === undefined ? [] : ['--seed-fault', fault]
  execFileSync(process.execPath, [script, '--variant', variant, ...faultArguments], { stdio: 'inherit' })
  const suffix = fault === undefined ? variant : `${variant}-${fault}`
  return join(packageFolder, 'build', `${process.platform}-${process.arch}-${suffix}`, 'frameport.node')
}

/** `[name, why it does not work here or undefined]` of each back end in the addon. */
export function backEndsOf(variant, addon) {
  const ask =
    'const a = require(process.argv[1]); process.stdout.write(JSON.stringify(a.backends.map((name) => ' +
    '[name, a.probe(name).find(([, status, required]) => required && status !== 0)])))'
  const env = environmentOf(variant, addon, join(dirname(addon), 'reports', 'probe'))
  const asked = (command) => execFileSync(process.execPath, command, { encoding: 'utf8', env })
  const answers = JSON.parse(asked(['-e', ask, addon]))
  return answers.map(([name, failed]) => [
    name,
    failed ? `the system refuses ${failed[0]} (${failed[1]})` : undefined,
  ])
}

/** Runs a program over an addon. `failed` when it or its sanitizer says so; `output` has all that was reported. */
export async function runProgram({ variant, addon, program, backend, timeScale, cases }) {
  const reportPrefix = join(dirname(addon), 'reports', backend, program)
  rmSync(dirname(reportPrefix), { recursive: true, force: true })
  mkdirSync(dirname(reportPrefix), { recursive: true })
  const child = spawn(process.execPath, [programs[program], backend, '--time-scale', timeScale, ...cases], {
    cwd: packageFolder,
    env: environmentOf(variant, addon, reportPrefix),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const code = await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
  if (variant !== 'tsan') return { failed: code !== 0, output: `${output}exit ${code}\n` }
  const { ours, ofNode } = racesIn(reportPrefix)
  const summary = `${ours.length} races with the addon in them, ${ofNode} reports of Node's own\n`
  return {
    failed: code !== 0 || ours.length > 0,
    output: `${output}exit ${code}\n${ours.join('')}${summary}`,
  }
}
