#include "failure.h"

#include <signal.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace frameport::fuzz {

Place place;

namespace {

constexpr int kExitCode = 67;

void print_place() {
  static bool printed = false;
  if (printed) return;
  printed = true;
  std::fprintf(stderr, "fuzz: found at step %" PRIu64 " of the run, step %u of its episode\n", place.total_steps,
               place.step);
  std::fprintf(stderr, "replay: npm run fuzz --workspace=packages/iocp-core -- --backend %s --seed %" PRIu64
               " --steps %u\n", place.backend, place.seed, place.episode_steps);
  std::fflush(stderr);
}

void on_signal(int) {
  print_place();
  _exit(kExitCode);
}

}  // namespace

void install_failure_reports() {
  // A failed check of the engine aborts the process; an alarm stops an episode that does not end.
  signal(SIGABRT, on_signal);
  signal(SIGALRM, on_signal);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(print_place);
#else
  signal(SIGSEGV, on_signal);
#endif
}

void fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::fprintf(stderr, "fuzz: ");
  std::vfprintf(stderr, format, arguments);
  std::fprintf(stderr, "\n");
  va_end(arguments);
  print_place();
  _exit(kExitCode);
}

}  // namespace frameport::fuzz
