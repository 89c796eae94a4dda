// What each variant needs around it. Node itself is not instrumented, so a sanitizer's library has to be there before
// it starts.
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const compiler = process.env.CXX ?? 'g++'
const folder = dirname(fileURLToPath(import.meta.url))

function library(name) {
  return realpathSync(execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim())
}

const addressSanitizer = () => ({
  LD_PRELOAD: [library('libasan.so'), library('libstdc++.so.6')].join(' '),
  ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0:exitcode=66:detect_stack_use_after_return=1',
  LSAN_OPTIONS: `suppressions=${join(folder, 'leaks-of-node.txt')}:print_suppressions=0`,
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1:exitcode=66',
})

/**
 * The reports go to files, to be judged by races.mjs: Node's own are many and change from run to run, so the exit
 * code says nothing.
 */
const threadSanitizer = (reportPrefix) => ({
  // A child that has no descriptor left cannot open the file of its reports, and is ended for it.
  FRAMEPORT_CONFORMANCE_NO_CHILDREN: '1',
  LD_PRELOAD: library('libtsan.so'),
  TSAN_OPTIONS: `exitcode=0:history_size=4:suppressions=${join(folder, 'races-of-node.txt')}:log_path=${reportPrefix}`,
})

/** A thread where two threads are the question, and where its start is one of the failures; else the event loop. */
function wakerOf(variant) {
  return variant === 'tsan' || variant === 'inject-asan' ? { FRAMEPORT_WAKER: 'thread' } : {}
}

export function environmentOf(variant, addon, reportPrefix) {
  const plain = { ...process.env, FRAMEPORT_ADDON: addon, ...wakerOf(variant) }
  if (variant === 'tsan') return { ...plain, ...threadSanitizer(reportPrefix) }
  return variant.includes('asan') ? { ...plain, ...addressSanitizer() } : plain
}
