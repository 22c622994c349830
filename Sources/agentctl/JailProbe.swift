// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc

/// What `jail probe` finds out on this host, for when there is no daemon to ask. It has one thread, and so may try
/// namespaces, which this program may not (unshare(2)).
enum JailProbe {
    static func checks() -> [SupervisorDoctor.Check] {
        let program = beside()
        do {
            let answer = try output(of: program)
            return try JSONDecoder().decode(SupervisorDoctor.Result.self, from: Data(answer)).checks
        } catch let failure as Failure {
            return [problem(failure.message)]
        } catch {
            return [problem("\(program) does not answer as this version's would")]
        }
    }

    private static func problem(_ found: String) -> SupervisorDoctor.Check {
        .init(
            name: "jail", status: .problem, found: found,
            hint: "install agentctl, supervisord and jail of one version, in one directory")
    }

    /// Where it is installed: in this program's directory.
    private static func beside() -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return "\(own.lastIndex(of: "/").map { own[..<$0] } ?? "")/jail"
    }

    private static func output(of program: String) throws -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(String(cString: strerror(errno)))") }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Its attempts end by SIGALRM when they hang, and our threads block it.
        var none = sigset_t()
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = (["jail", "probe"] as [String]).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var variables: [UnsafeMutablePointer<CChar>?] = [nil]
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, &attributes, &words, &variables)
        close(ends[1])
        guard code == 0 else { throw Failure("\(program) cannot be started: \(String(cString: strerror(code)))") }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return answer
    }
}
