// The fuzzer of the engine: `fuzz --backend io_uring|epoll [--seed N] [--steps N]`. Each episode has its own seed: the
// previous seed plus one. The seed alone is enough to replay a failed episode. See docs/adr/0019.
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "driver.h"
#include "failure.h"
#include "kernel.h"
#include "setting.h"

namespace {

using namespace frameport::fuzz;

// An episode has at most 3,000 steps: one that takes this long will not end.
constexpr unsigned kEpisodeSecondsMax = 60;

void run_episode(const char* backend, uint64_t seed, uint32_t steps_most) {
  Random random(seed * 0x9e3779b97f4a7c15u + (backend[0] == 'e' ? 1 : 0));
  const Setting setting = draw_setting(random, steps_most);
  place.backend = backend;
  place.seed = seed;
  place.episode_steps = setting.steps;
  place.step = 0;
  alarm(kEpisodeSecondsMax);
  Kernel made(random, setting.mood);
  kernel = &made;
  {
    Driver driver(made, random, setting, backend);
    driver.run();
  }
  kernel = nullptr;
}

const char* value_of(int count, char** words, const char* name, const char* otherwise) {
  for (int index = 1; index + 1 < count; index += 2) {
    if (std::strcmp(words[index], name) == 0) return words[index + 1];
  }
  return otherwise;
}

}  // namespace

int main(int count, char** words) {
  const char* backend = value_of(count, words, "--backend", "io_uring");
  const uint64_t first_seed = std::strtoull(value_of(count, words, "--seed", "10000"), nullptr, 10);
  const uint64_t steps = std::strtoull(value_of(count, words, "--steps", "100000"), nullptr, 10);
  install_failure_reports();
  const auto started = std::chrono::steady_clock::now();
  uint64_t seed = first_seed;
  for (; place.total_steps < steps; seed++) {
    const uint64_t left = steps - place.total_steps;
    run_episode(backend, seed, left > 1'000'000 ? 1'000'000 : static_cast<uint32_t>(left));
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
  std::printf("%s: %" PRIu64 " steps in %" PRIu64 " episodes from seed %" PRIu64 ", %.1f s, %.0f steps a second\n",
              backend, place.total_steps, seed - first_seed, first_seed, taken.count(),
              static_cast<double>(place.total_steps) / taken.count());
  return 0;
}
