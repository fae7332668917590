/* What nearly every file here includes, compiled once. */
#include <adwaita.h>
