#ifndef FRAMEPORT_BENCH_FAULT_H_
#define FRAMEPORT_BENCH_FAULT_H_

#include <cstdint>

namespace frameport::bench {

// Both end the program with a sentence; `fail` adds the last system error. Wrong answers give no benchmark result.
[[noreturn]] void fail(const char* what);
[[noreturn]] void refuse(const char* what, uint64_t expected, uint64_t actual);

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_FAULT_H_
