#ifndef FRAMEPORT_BINDING_RECEIVE_ARRAY_H_
#define FRAMEPORT_BINDING_RECEIVE_ARRAY_H_

#include <napi.h>

namespace frameport {

// Keeps the memory that receives write to at its address for as long as the reference lives. The caller has made sure
// that no JavaScript can detach it, or that none sees it (src/memory/receive-memory.ts).
// The variant `guard` replaces this file's implementation by one that never releases the memory.
Napi::Reference<Napi::ArrayBuffer> hold_receive_array(Napi::ArrayBuffer array);

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_RECEIVE_ARRAY_H_
