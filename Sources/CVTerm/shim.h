// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// Used as a parser-less engine through what 0.1 and 0.3 have alike: the state layer and its callbacks for glyphs, the
// cursor, scrolling and erasing. What differs (strings, resizing) is not touched, so there is nothing to tell apart.
#include <vterm.h>
