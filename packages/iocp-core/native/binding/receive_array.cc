#include "receive_array.h"

namespace frameport {

Napi::Reference<Napi::ArrayBuffer> hold_receive_array(Napi::ArrayBuffer array) { return Napi::Persistent(array); }

}  // namespace frameport
