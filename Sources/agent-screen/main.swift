// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import Linux

exit(ScreenProgram.run(CommandLine.arguments))
