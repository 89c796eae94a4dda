#ifndef FRAMEPORT_BINDING_TEST_SEAMS_H_
#define FRAMEPORT_BINDING_TEST_SEAMS_H_

#include <napi.h>

#include "../port.h"

namespace frameport {

// The layers that a test build puts between the engine and its port, and the functions it exports to control them. A
// release build has none; the variant `inject` replaces this file's implementation (native/variants/injection).

// Takes `made` over and returns the port for the engine. Without memory it frees `made` and returns null.
Port* engine_port(Port* made);
void add_test_exports(Napi::Env env, Napi::Object exports);

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_TEST_SEAMS_H_
