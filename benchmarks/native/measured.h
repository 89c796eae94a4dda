#ifndef FRAMEPORT_BENCHMARKS_MEASURED_H_
#define FRAMEPORT_BENCHMARKS_MEASURED_H_

#include <cstdint>

// The work of one program: callgrind counts what runs inside, and nothing else.
extern "C" __attribute__((noinline)) void measured(uint32_t rounds);

// Ends the program with a reason: what is wrong has no figure.
[[noreturn]] void fail(const char* reason);

#endif  // FRAMEPORT_BENCHMARKS_MEASURED_H_
