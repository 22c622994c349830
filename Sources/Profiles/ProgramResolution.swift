// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// A launcher's program as it stands on the host.
struct ResolvedProgram: Sendable, Equatable {
    /// Without symbolic links.
    var path: String
    /// What is bound into the jail for it: the directory that it came in, or the program itself.
    var package: String
    /// Where the launcher names it.
    var position: SourcePosition

    /// How far above the program its package's marker file is looked for. npm's packages need two.
    private static let levels = 4

    /// - Parameters:
    ///   - name: an absolute path, or a bare name.
    ///   - markers: names of files, one of which marks a package's directory.
    init(
        _ name: String, at position: SourcePosition, programs: [String: String], searchPath: [String],
        markers: [String], home: String
    ) throws(PlanError) {
        let found = try Self.find(name, at: position, programs: programs, searchPath: searchPath)
        do {
            path = try HostFile.resolved(found)
        } catch {
            throw PlanError(.file(position), "the program \(found) cannot be used: \(error.reason)")
        }
        guard HostFile.isProgram(path) else {
            throw PlanError(.file(position), "the program \(path) is not an executable file")
        }
        package = Self.package(of: path, markers: markers, homes: [home, (try? HostFile.resolved(home)) ?? home])
        self.position = position
    }

    private static func find(
        _ name: String, at position: SourcePosition, programs: [String: String], searchPath: [String]
    ) throws(PlanError) -> String {
        if name.hasPrefix("/") { return name }
        guard !name.isEmpty, !name.contains("/") else {
            throw PlanError(.file(position), "the program \"\(name)\" is neither an absolute path nor a bare name")
        }
        if let path = programs[name] {
            guard path.hasPrefix("/") else {
                throw PlanError(
                    .request("programs"), "the program \(name) is set to \"\(path)\", which is not absolute")
            }
            return path
        }
        // An empty or relative element of a PATH means a directory that nobody chose.
        let directories = searchPath.filter { $0.hasPrefix("/") }
        if let path = directories.lazy.map({ "\($0)/\(name)" }).first(where: HostFile.isProgram) { return path }
        let place = directories.isEmpty ? "no search path is set" : "looked in \(directories.joined(separator: ":"))"
        throw PlanError(
            .file(position), "the program \(name) is not installed (\(place)); set its path under \"programs\"")
    }

    /// The nearest directory above that holds a marker. Never the home, and never one that holds it: a stray
    /// `package.json` there would carry everything the owner has into the jail.
    private static func package(of program: String, markers: [String], homes: [String]) -> String {
        var directory = program
        for _ in 0..<levels {
            guard let slash = directory.lastIndex(of: "/"), slash > directory.startIndex else { break }
            directory = String(directory[..<slash])
            if homes.contains(where: { JailPath.contains(directory, $0) }) { break }
            if markers.contains(where: { HostFile.isFile("\(directory)/\($0)") }) { return directory }
        }
        return program
    }
}
