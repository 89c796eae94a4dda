#ifndef FRAMEPORT_INJECTION_ASKED_CALLS_H_
#define FRAMEPORT_INJECTION_ASKED_CALLS_H_

#include <cstdint>

// What the addon asked of the system, for rules that only another system would enforce: a test reads it here. Written
// and read on one thread alone, because a test that looks has one port.
namespace frameport::injection {

struct AskedCall {
  const char* name = "";
  int64_t word = 0;
};

// `name` lives as long as the program. Beyond the first 1,024 nothing is kept.
void note_asked_call(const char* name, int64_t word);
// False when there is none with this number.
bool asked_call(uint32_t index, AskedCall& call);
void forget_asked_calls();

}  // namespace frameport::injection

#endif  // FRAMEPORT_INJECTION_ASKED_CALLS_H_
