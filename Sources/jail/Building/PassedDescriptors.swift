// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// Open files of the starter's that the agent is given, each under the number that it has outside, and the program that
/// it executes, if that is one of them.
struct PassedDescriptors {
    /// At least 3 each, none twice.
    var numbers: [Int32] = []
    var program: Int32?
    /// Standard error is the starter's also where the jail has a terminal of its own.
    var keepsError = false

    /// Where they are while the jail is built, in order, the program last: their own numbers are in use by then.
    private static let first = Builder.agentDirectory + 1

    private var all: [Int32] { numbers + (program.map { [$0] } ?? []) }

    /// The last number in use while the jail is built.
    var last: Int32 { Self.first + Int32(all.count) - 1 }

    /// From the starter's numbers to those of the time of building.
    var placement: [(from: Int32, to: Int32)] {
        all.enumerated().map { ($0.element, Self.first + Int32($0.offset)) }
    }

    /// While the jail is built: what Landlock has to allow the program to be executed, wherever it came from.
    var programWhileBuilding: Int32? { program.map { _ in last } }

    /// Puts everything where the agent finds it, and closes all else but the standard streams. Returns the numbers of
    /// `socket` and of the program, both closed by the execution.
    func settle(_ socket: Int32) throws(SystemError) -> (socket: Int32, program: Int32?) {
        var free = (3...).lazy.map(Int32.init).filter { !numbers.contains($0) }.makeIterator()
        guard let socketPlace = free.next(), let programPlace = free.next() else {
            throw SystemError("place a descriptor", errno: EMFILE)
        }
        var wanted = [(from: socket, to: socketPlace)]
        for (number, place) in zip(numbers, placement) { wanted.append((place.to, number)) }
        if program != nil { wanted.append((last, programPlace)) }
        // First out of the way of all the targets, then onto them.
        let above = (wanted.flatMap { [$0.from, $0.to] }.max() ?? 3) + 1
        var moved: [(from: Int32, to: Int32)] = []
        for (from, to) in wanted {
            moved.append((try check("duplicate a descriptor") { fcntl(from, F_DUPFD_CLOEXEC, above) }, to))
        }
        for (from, to) in moved {
            let isForAgent = numbers.contains(to)
            try check("place descriptor \(to)") {
                isForAgent ? dup2(from, to) : duplicate(from, closingOnExecution: to)
            }
        }
        try Processes.closeDescriptors(besides: wanted.map(\.to))
        return (socketPlace, program == nil ? nil : programPlace)
    }
}
