/* The python.exe of a python311.dll that came without one. Py_Main is part of the stable ABI. */
#include <wchar.h>
__declspec(dllimport) int Py_Main(int, wchar_t **);
int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
