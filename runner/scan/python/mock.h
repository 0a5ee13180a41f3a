/** What replaces a thing by a mock. Used inside the Python scan only. */
#ifndef UTR_SCAN_PYTHON_MOCK_H
#define UTR_SCAN_PYTHON_MOCK_H

#include "scan/python/python.h"

/** What a call replaces something by: "patch", "patch.object" or "patch.multiple" of unittest.mock or mock.
 * A bare `patch` that no import binds counts. @return NULL where it is none of them */
const char *python_mock_of(const python_file *f, tree_node call);

/** Whether a module ("fakeredis.aioredis") is one that mocks, lies below one, or is named by the manifest. */
bool python_is_mock_module(const python_file *f, const char *module);

#endif
