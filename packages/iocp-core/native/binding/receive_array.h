#ifndef FRAMEPORT_BINDING_RECEIVE_ARRAY_H_
#define FRAMEPORT_BINDING_RECEIVE_ARRAY_H_

#include <napi.h>

#include <cstddef>

namespace frameport {

// The memory that receives write to and JavaScript reads from. Empty, with an exception pending, when there is none.
// The variant `guard` replaces this file's implementation by one whose memory has pages of its own.
Napi::ArrayBuffer receive_array(Napi::Env env, size_t bytes);

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_RECEIVE_ARRAY_H_
