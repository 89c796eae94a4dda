#ifndef FRAMEPORT_FUZZ_RANDOM_H_
#define FRAMEPORT_FUZZ_RANDOM_H_

#include <cstdint>

namespace frameport::fuzz {

// splitmix64 (Steele, Lea, Flood 2014). Every decision in an episode comes from it, so the seed determines the episode.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t word = state_ += 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
  }
  // 0 to `count` - 1.
  uint32_t below(uint32_t count) { return static_cast<uint32_t>((next() >> 32) * count >> 32); }
  // `least` to `most`.
  uint32_t between(uint32_t least, uint32_t most) { return least + below(most - least + 1); }
  // Always false for 0.
  bool one_in(uint32_t count) { return count > 0 && below(count) == 0; }
  template <typename Value, uint32_t kCount>
  Value any(const Value (&values)[kCount]) {
    return values[below(kCount)];
  }

 private:
  uint64_t state_;
};

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_RANDOM_H_
