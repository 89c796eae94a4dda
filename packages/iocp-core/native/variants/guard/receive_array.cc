// Replaces binding/receive_array.cc in the variant `guard`: the memory is kept until its environment ends,
// even if its port is gone. Its addresses are not reused, so that a write after the end of a port
// hits the pages that were closed then.
#include "../../binding/receive_array.h"

#include <new>

#include "../../base/check.h"

namespace frameport {

Napi::Reference<Napi::ArrayBuffer> hold_receive_array(Napi::ArrayBuffer array) {
  auto* for_ever = new (std::nothrow) Napi::Reference<Napi::ArrayBuffer>(Napi::Persistent(array));
  check(for_ever != nullptr, "there is memory for a reference");
  return Napi::Persistent(array);
}

}  // namespace frameport
