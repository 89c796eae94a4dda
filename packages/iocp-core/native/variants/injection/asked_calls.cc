#include "asked_calls.h"

namespace frameport::injection {

namespace {

constexpr uint32_t kCallsMax = 1024;

AskedCall calls[kCallsMax];
uint32_t count = 0;

}  // namespace

void note_asked_call(const char* name, int64_t word) {
  if (count == kCallsMax) return;
  calls[count++] = {name, word};
}

bool asked_call(uint32_t index, AskedCall& call) {
  if (index >= count) return false;
  call = calls[index];
  return true;
}

void forget_asked_calls() { count = 0; }

}  // namespace frameport::injection
