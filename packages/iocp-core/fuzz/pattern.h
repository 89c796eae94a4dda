#ifndef FRAMEPORT_FUZZ_PATTERN_H_
#define FRAMEPORT_FUZZ_PATTERN_H_

#include <cstddef>
#include <cstdint>

namespace frameport::fuzz {

enum class Way : uint8_t { to_engine, from_engine };

// The bytes of a connection in one direction are a function of its number and their position. So nobody has to store
// them, and a byte that belongs to another connection or position, or is sent twice, differs from the expected one.
void fill_pattern(uint32_t connection, Way way, uint64_t position, uint8_t* bytes, size_t length);
bool is_pattern(uint32_t connection, Way way, uint64_t position, const uint8_t* bytes, size_t length);

}  // namespace frameport::fuzz

#endif  // FRAMEPORT_FUZZ_PATTERN_H_
