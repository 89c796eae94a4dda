#include "pattern.h"

#include <algorithm>
#include <cstring>

namespace frameport::fuzz {

namespace {

constexpr size_t kBlock = 4096;

uint64_t word_at(uint64_t key, uint64_t index) {
  const uint64_t word = (key + index) * 0x9e3779b97f4a7c15u;
  return word ^ (word >> 29);
}

uint64_t key_of(uint32_t connection, Way way) {
  return (uint64_t{connection} * 2 + (way == Way::from_engine ? 1 : 0)) * 0xd6e8feb86659fd93u;
}

}  // namespace

void fill_pattern(uint32_t connection, Way way, uint64_t position, uint8_t* bytes, size_t length) {
  const uint64_t key = key_of(connection, way);
  while (length > 0) {
    const uint64_t word = word_at(key, position / 8);
    const size_t skipped = position % 8;
    const size_t count = std::min(length, 8 - skipped);
    std::memcpy(bytes, reinterpret_cast<const uint8_t*>(&word) + skipped, count);
    bytes += count;
    position += count;
    length -= count;
  }
}

bool is_pattern(uint32_t connection, Way way, uint64_t position, const uint8_t* bytes, size_t length) {
  uint8_t expected[kBlock];
  while (length > 0) {
    const size_t count = std::min(length, kBlock);
    fill_pattern(connection, way, position, expected, count);
    if (std::memcmp(expected, bytes, count) != 0) return false;
    bytes += count;
    position += count;
    length -= count;
  }
  return true;
}

}  // namespace frameport::fuzz
