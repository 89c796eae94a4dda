#include "receive_array.h"

namespace frameport {

Napi::ArrayBuffer receive_array(Napi::Env env, size_t bytes) { return Napi::ArrayBuffer::New(env, bytes); }

}  // namespace frameport
