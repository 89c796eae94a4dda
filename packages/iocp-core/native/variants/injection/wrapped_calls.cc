// The linker hands every call of these functions in the addon to the wrapper (`--wrap` of GNU ld and lld), so that no
// allocation has to be written in a special way and none can be forgotten. Neither the throwing form of `new` is among
// them, because without exceptions nothing could answer it, nor `malloc`, on which that form may stand: our own code
// uses neither, and `npm run sanitize` looks.
#include <node_api.h>

#include <cstddef>

#include "points.h"

using frameport::injection::fails;
using frameport::injection::Point;

extern "C" {

void* __real_realloc(void* memory, size_t bytes);
napi_status __real_napi_create_threadsafe_function(napi_env env, napi_value callback, napi_value resource,
                                                   napi_value name, size_t queue_max, size_t threads,
                                                   void* finalize_data, napi_finalize finalize, void* context,
                                                   napi_threadsafe_function_call_js call,
                                                   napi_threadsafe_function* result);

void* __wrap_realloc(void* memory, size_t bytes) {
  return fails(Point::allocation) ? nullptr : __real_realloc(memory, bytes);
}

napi_status __wrap_napi_create_threadsafe_function(napi_env env, napi_value callback, napi_value resource,
                                                   napi_value name, size_t queue_max, size_t threads,
                                                   void* finalize_data, napi_finalize finalize, void* context,
                                                   napi_threadsafe_function_call_js call,
                                                   napi_threadsafe_function* result) {
  if (fails(Point::threadsafe_function)) return napi_generic_failure;
  return __real_napi_create_threadsafe_function(env, callback, resource, name, queue_max, threads, finalize_data,
                                                finalize, context, call, result);
}

}  // extern "C"
