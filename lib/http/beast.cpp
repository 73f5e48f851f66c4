// Beast is header-only by default; this compiles it once for the whole program.
#include <boost/beast/src.hpp>
