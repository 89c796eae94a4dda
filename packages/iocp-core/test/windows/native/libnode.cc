// A library with the name of Node.js as a library. It is built with and without the export by which the addon
// recognises it.
#ifdef FRAMEPORT_WITH_NODE_API
extern "C" __declspec(dllexport) void napi_create_function() {}
#else
extern "C" __declspec(dllexport) void something_else() {}
#endif
