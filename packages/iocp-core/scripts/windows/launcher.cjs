// Runs inside Node for Windows: node.exe launcher.cjs STATUS_FILE PROGRAM [ARGUMENT]…
// A crash of the program shows here as a status of its own, which Wine would not hand on to Linux.
const { spawnSync } = require('node:child_process')
const { writeFileSync } = require('node:fs')

const [statusFile, ...command] = process.argv.slice(2)
const { status, signal, error } = spawnSync(process.execPath, command, { stdio: 'inherit' })
writeFileSync(statusFile, JSON.stringify({ status, signal, error: error?.message }))
