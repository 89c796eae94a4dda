#ifndef FRAMEPORT_BENCH_LATENCY_H_
#define FRAMEPORT_BENCH_LATENCY_H_

#include <time.h>

#include <cstdint>
#include <vector>

namespace frameport::bench {

inline uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

// A histogram of times. Each power of two has 32 buckets, so that a percentile is accurate to 3 %. The times of one
// connection fall into few buckets: recording touches one or two cache lines, however long the run is.
class Latency {
 public:
  Latency() : counts_(kBuckets) {}

  void record(uint64_t ns) {
    counts_[bucket(ns)]++;
    total_++;
  }

  void add(const Latency& other) {
    for (uint32_t at = 0; at < kBuckets; at++) counts_[at] += other.counts_[at];
    total_ += other.total_;
  }

  // The middle of the bucket that contains this percentile (0.99 for the 99th). 0 if there are no times.
  uint64_t percentile(double part) const {
    const auto rank = static_cast<uint64_t>(part * static_cast<double>(total_));
    uint64_t seen = 0;
    for (uint32_t at = 0; at < kBuckets; at++) {
      seen += counts_[at];
      if (seen > rank) return (begin(at) + begin(at + 1)) / 2;
    }
    return 0;
  }

 private:
  static constexpr uint32_t kStepBits = 5;
  static constexpr uint32_t kSteps = 1u << kStepBits;
  static constexpr uint32_t kPowers = 36;  // up to 2^40 ns, 18 minutes
  static constexpr uint32_t kBuckets = kPowers * kSteps;

  static uint32_t bucket(uint64_t ns) {
    if (ns < kSteps) return static_cast<uint32_t>(ns);
    const uint32_t power = 63 - static_cast<uint32_t>(__builtin_clzll(ns)) - kStepBits;
    const uint32_t at = (power << kStepBits) + static_cast<uint32_t>(ns >> power);
    return at < kBuckets ? at : kBuckets - 1;
  }

  static uint64_t begin(uint32_t at) {
    if (at < kSteps) return at;
    const uint32_t power = (at >> kStepBits) - 1;
    return static_cast<uint64_t>(kSteps + (at & (kSteps - 1))) << power;
  }

  std::vector<uint32_t> counts_;
  uint64_t total_ = 0;
};

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_LATENCY_H_
