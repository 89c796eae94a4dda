#ifndef FRAMEPORT_BINDING_TEST_SEAMS_H_
#define FRAMEPORT_BINDING_TEST_SEAMS_H_

#include <napi.h>

#include "../port.h"

namespace frameport {

// What a build for tests puts between the engine and its port, and what it lets JavaScript do there. A release build
// puts nothing there; the variant `inject` replaces this file's implementation (native/variants/injection).

// Takes `made` over and returns the port that the engine gets: null when there is no memory, and `made` is freed then.
Port* engine_port(Port* made);
void add_test_exports(Napi::Env env, Napi::Object exports);

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_TEST_SEAMS_H_
