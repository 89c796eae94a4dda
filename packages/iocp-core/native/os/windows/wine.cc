#include "wine.h"

#include <windows.h>

namespace frameport {

bool is_wine() { return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr; }

}  // namespace frameport
