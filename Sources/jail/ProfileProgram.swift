// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan
import Linux

/// `jail-profile`, which reads YAML so that `jail` need not: a parser and Foundation would triple its size.
enum ProfileProgram {
    struct Failure: Error {
        var message: String
    }

    /// Has it turn a profile into a plan; `arguments` are those of its `compile`.
    static func compile(_ arguments: [String]) throws(Failure) -> JailPlan {
        do {
            let pipe = try Pipe()
            let said = try Files.memory("messages", holding: [])
            guard case .parent(let child) = try Processes.fork() else {
                dup2(pipe.writing.number, 1)
                dup2(said.number, 2)
                Signals.reset()
                _exit(replaceThisProcess(arguments: ["compile"] + arguments))
            }
            let reading = pipe.finishWriting()
            let output = try Files.readAll(reading.number)
            switch try Processes.wait(for: child) {
            case .exited(code: 0): break
            case let end:
                try check("rewind what jail-profile said") { lseek(said.number, 0, SEEK_SET) }
                let words = String(decoding: try Files.readAll(said.number).dropLast(), as: UTF8.self)
                throw Failure(
                    message: words.isEmpty
                        ? "no plan came from jail-profile (\(end))" : "no plan comes of this profile:\n\(words)")
            }
            return try JailPlan(json: output)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(message: "cannot read the plan from jail-profile: \(error)")
        }
    }

    /// Executes it instead of this program; returns only if that fails, with the exit code to end with.
    static func replaceThisProcess(arguments: [String]) -> Int32 {
        let path = programDirectory + "/jail-profile"
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        execv(path, &words)
        return Command.fail("\(SystemError("execute", path, errno: errno)); it belongs beside jail")
    }

    private static var programDirectory: String {
        let program = Files.linkTarget("/proc/self/exe") ?? "jail"
        return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }
}
