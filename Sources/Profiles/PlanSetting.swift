// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The facts of one request, checked: what variables stand for.
struct PlanSetting {
    let home: String
    let workspace: String?
    private var values: [Variable: String]

    init(_ request: PlanRequest, under profile: Profile) throws(PlanError) {
        home = try Self.home(of: request.owner)
        if let path = request.workspace {
            guard profile.workspace != .none else {
                throw PlanError(.request("workspace"), "the profile \(profile.name) gives an agent no workspace")
            }
            workspace = try Self.workspace(path, home: home)
        } else {
            workspace = nil
        }
        values = [.home: home, .user: request.owner.name, .agent: request.agent]
        values[.workspace] = workspace
    }

    /// From here on `${program}` and `${package}` have values.
    mutating func adopt(_ program: ResolvedProgram) {
        values[.program] = program.path
        values[.package] = program.package
    }

    /// Whether all its variables have values.
    func canExpand(_ template: Template) -> Bool { template.expanded(values) != nil }

    func expand(_ template: Template, prompt: String? = nil) throws(PlanError) -> String {
        var values = values
        values[.prompt] = prompt
        if let text = template.expanded(values) { return text }
        let absent = template.variables.first { values[$0] == nil }
        throw PlanError(
            .file(template.position),
            absent == .workspace
                ? "\"\(template.source)\" needs a workspace, and the request has none"
                : "\"\(template.source)\" needs a launcher with a program")
    }

    /// The path in the jail that a template gives.
    func target(
        of template: Template, normal: (String) -> Result<String, PathFault> = JailPath.target
    ) throws(PlanError) -> String {
        switch normal(try expand(template)) {
        case .success(let target): return target
        case .failure(let fault): throw PlanError(.file(template.position), fault.message)
        }
    }

    /// The path on the host that a template gives.
    func source(of template: Template) throws(PlanError) -> String {
        switch JailPath.source(try expand(template)) {
        case .success(let source): return source
        case .failure(let fault): throw PlanError(.file(template.position), fault.message)
        }
    }

    private static func home(of owner: PlanRequest.Owner) throws(PlanError) -> String {
        // A colon or newline would end the field, or the line, in the jail's passwd.
        guard !owner.name.isEmpty, !(owner.name + owner.home).utf8.contains(where: { $0 == 0x3A || $0 < 0x20 }) else {
            throw PlanError(.request("owner"), "the owner's name or home directory is unusable")
        }
        switch JailPath.target(owner.home) {
        case .success(let home): return home
        case .failure(let fault):
            throw PlanError(.request("owner"), "\(owner.name)'s home directory is unusable: \(fault.message)")
        }
    }

    /// Directories whose content belongs to the system, or to all users.
    private static let shared = [
        "/bin", "/boot", "/etc", "/home", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/tmp", "/usr",
        "/var/lib", "/var/tmp",
    ]

    /// The workspace in normal form, without symbolic links where this process can see them: the jail shows it at its
    /// own path, and a link in its place would lead to nothing there.
    private static func workspace(_ path: String, home: String) throws(PlanError) -> String {
        let workspace: String
        switch JailPath.normalised(path) {
        case .failure(let fault): throw PlanError(.request("workspace"), "the workspace is unusable: \(fault.message)")
        case .success(let normal): workspace = (try? HostFile.resolved(normal)) ?? normal
        }
        if case .failure(let fault) = JailPath.target(workspace) {
            throw PlanError(.request("workspace"), "the workspace is unusable: \(fault.message)")
        }
        let homes = [home, (try? HostFile.resolved(home)) ?? home]
        if homes.contains(where: { JailPath.contains(workspace, $0) }) {
            throw PlanError(
                .request("workspace"),
                "the workspace \(workspace) holds the whole home directory, keys included; name a directory in it")
        }
        if let system = shared.first(where: { JailPath.contains(workspace, $0) }) {
            throw PlanError(
                .request("workspace"), "the workspace \(workspace) holds \(system), which is not one agent's to write")
        }
        return workspace
    }
}
