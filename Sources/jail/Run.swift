// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// `jail run`: one command in one jail, from a shell.
enum Run {
    static func run(_ arguments: [String]) -> Int32 {
        let options: RunOptions
        do throws(RunOptions.Problem) {
            options = try RunOptions(arguments)
        } catch {
            return Command.fail(error.message + "\n" + Command.usage)
        }
        let status = StatusStream(options.status)
        do {
            if let path = options.logFile { try Command.sayInto(path) }
            let report = try options.reportFile.map { try AccessReport.open($0).release() }
            return try Foreground.keep(
                try options.plan(), options.passed, status, isVerbose: options.isVerbose, report: report)
        } catch {
            return fail(error, status)
        }
    }

    private static func fail(_ error: any Error, _ status: StatusStream) -> Int32 {
        guard let failure = error as? JailFailure else {
            let message = (error as? ProfileProgram.Failure)?.message ?? "\(error)"
            status.failed(JailFailure(stage: "plan", action: message), status: 125)
            return Command.fail(message)
        }
        // As env(1) and timeout(1): a missing command is not a failure of the jail's.
        let code: Int32 = failure.stage != "exec" ? 125 : failure.errno == "ENOENT" ? 127 : 126
        status.failed(failure, status: code)
        Command.say("\(failure.stage): \(failure)")
        return code
    }
}
