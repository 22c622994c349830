# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""A daemon of a test's own, driven from outside over its socket: for tests and benchmarks of the programs as built."""
