import { writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/** How often the turns of the process are looked at, and how much CPU one of them may take. Milliseconds. */
const lookMs = 500
const turnCpuMsMax = 5000

/** Written by the runner: how many turns it has had, and the mutant that is on. @type {{ turns: Int32Array }} */
const { turns } = workerData
let mutant = ''
parentPort?.on('message', (id) => {
  mutant = id
})

let seen = -1
let cpuMs = 0

// A loop without end keeps the process from anything, also from hearing that it takes too long.
setInterval(() => {
  const now = process.cpuUsage()
  const usedMs = (now.user + now.system) / 1000
  const turn = Atomics.load(turns, 0)
  if (turn !== seen) {
    seen = turn
    cpuMs = usedMs
  } else if (usedMs - cpuMs > turnCpuMsMax && mutant !== '') {
    writeFileSync(`mutation-hung-${mutant}`, '')
    process.kill(process.pid, 'SIGKILL')
  }
}, lookMs)
