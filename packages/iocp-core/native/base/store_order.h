#ifndef FRAMEPORT_BASE_STORE_ORDER_H_
#define FRAMEPORT_BASE_STORE_ORDER_H_

namespace frameport {

// Whether an atomic change of memory by somebody else (the kernel) is visible before what that thread reads next. On
// x86-64 every locked instruction sees to that (Intel SDM volume 3, "Memory ordering"); other processors may read first.
#if defined(__x86_64__) || defined(_M_X64)
inline constexpr bool kAtomicsAreFences = true;
#else
inline constexpr bool kAtomicsAreFences = false;
#endif

}  // namespace frameport

#endif  // FRAMEPORT_BASE_STORE_ORDER_H_
