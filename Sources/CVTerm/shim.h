// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

// Used through what 0.1 and 0.3 have alike: the parser, which only gets text and whole sequences that we have spelt, and
// the state layer with its callbacks for glyphs, scrolling and erasing. What differs (strings, resizing) is not touched,
// so there is nothing to tell apart.
#include <vterm.h>
