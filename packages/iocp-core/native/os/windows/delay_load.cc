#include <windows.h>

#include <delayimp.h>

#include <cstring>

// The addon imports Node-API from "node.exe", but a host may have another name (Electron, a single executable) or have
// Node in a separate library (`vcbuild dll` makes libnode.dll). The import is delayed, and resolved to the one of
// both that has Node-API (node-gyp, src/win_delay_load_hook.cc, uses the same order).

namespace {

FARPROC WINAPI answer_for_node(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || std::strcmp(info->szDll, "node.exe") != 0) return nullptr;
  const HMODULE library = GetModuleHandleW(L"libnode.dll");
  const bool has_node = library != nullptr && GetProcAddress(library, "napi_create_function") != nullptr;
  return reinterpret_cast<FARPROC>(has_node ? library : GetModuleHandleW(nullptr));
}

}  // namespace

// Declared in delayimp.h; the library looks for it by this name.
PfnDliHook __pfnDliNotifyHook2 = answer_for_node;
