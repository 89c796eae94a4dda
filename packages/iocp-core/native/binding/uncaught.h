#ifndef FRAMEPORT_BINDING_UNCAUGHT_H_
#define FRAMEPORT_BINDING_UNCAUGHT_H_

#include <node_api.h>

namespace frameport {

// Reports an exception of a callback that nobody caught. Left pending, it would become a warning and be lost.
inline void throw_uncaught(napi_env env) {
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_UNCAUGHT_H_
