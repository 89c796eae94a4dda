import { spawnSync } from 'node:child_process'

/* Runs test/windows/native/delay_load_check.cc: EXECUTABLE, then libraries named libnode.dll. */
const [executable, ...libraries] = process.argv.slice(2)
for (const words of [[], ...libraries.map((library) => [library])]) {
  const { status } = spawnSync(executable ?? '', words, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
