#ifndef FRAMEPORT_INJECTION_ASKED_CALLS_H_
#define FRAMEPORT_INJECTION_ASKED_CALLS_H_

#include <cstdint>

// Records the addon's system calls, so that a test can check rules that only another system enforces. It is used
// on one thread only, because a test that checks has one port.
namespace frameport::injection {

struct AskedCall {
  const char* name = "";
  int64_t word = 0;
};

// `name` must live as long as the program. Only the first 1,024 are kept.
void note_asked_call(const char* name, int64_t word);
// False if there is none with this number.
bool asked_call(uint32_t index, AskedCall& call);
void forget_asked_calls();

}  // namespace frameport::injection

#endif  // FRAMEPORT_INJECTION_ASKED_CALLS_H_
