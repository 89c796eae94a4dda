// The linker passes every call of these functions in the addon to the wrapper (`--wrap` of GNU ld and lld), so that no
// allocation needs special code and none can be forgotten. The throwing form of `new` is not among
// them, because without exceptions it cannot report a failure, nor is `malloc`, which that form may use: our own code
// uses neither, and `npm run sanitize` checks this.
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
