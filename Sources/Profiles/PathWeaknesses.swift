// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import JailPlan

/// What of the host's a jail had better not show, or not let be written.
struct PathWeaknesses {
    let plan: JailPlan
    let request: PlanRequest
    private let shown: ShownPaths

    init(plan: JailPlan, request: PlanRequest) {
        self.plan = plan
        self.request = request
        shown = ShownPaths(plan.filesystem)
    }

    var all: [String] { places + secrets + startUp + system + workspace + sockets }

    private static let broad: [(path: String, words: String)] = [
        ("/etc", "all of the host's /etc"), ("/home", "every user's home"), ("/root", "root's home"),
        ("/run", "the world of the host's services, their sockets included"),
        ("/var/run", "the world of the host's services, their sockets included"),
        ("/tmp", "the host's /tmp, with every user's sockets and files"),
        ("/var/lib", "what the host's services store"),
    ]

    private var places: [String] {
        let found = Self.broad.flatMap { broad in
            shown.places(of: broad.path).filter { !shown.isHidden($0) }.map { "\($0.path) shows \(broad.words)" }
        }
        // /var/run is /run on most hosts.
        return Set(found).sorted()
    }

    /// Below the home: what keys, tokens and histories usually stand in.
    private static let secretNames = [
        ".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".config/gh", ".docker", ".kube", ".netrc",
        ".git-credentials", ".npmrc", ".pypirc", ".cargo/credentials.toml", ".password-store", ".local/share/keyrings",
        ".mozilla", ".config/google-chrome", ".config/chromium", ".bash_history", ".zsh_history",
    ]

    private var secrets: [String] {
        let open = Self.secretNames.filter { name in
            let path = "\(request.owner.home)/\(name)"
            return (shown.places(of: path) + shown.parts(of: path)).contains { place in
                // A credential is meant to be read.
                !shown.isHidden(place) && !place.path.hasPrefix(Credentials.directory + "/")
            }
        }
        return open.isEmpty
            ? [] : ["keys, tokens and histories of the home can be read: \(open.joined(separator: " "))"]
    }

    /// Below the home: what shells, desktops and git of the host's execute or obey.
    private static let startUpNames = [
        ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc", ".zshenv",
        ".zprofile", ".zlogin", ".config/fish", ".config/autostart", ".config/systemd", ".config/environment.d",
        ".local/bin", ".local/share/applications", ".gitconfig", ".config/git", ".ssh", ".vimrc", ".config/nvim",
        ".tmux.conf", ".xprofile", ".xsession",
    ]

    private var startUp: [String] {
        let home = shown.places(of: request.owner.home).contains(where: \.isWritable)
        let open = Self.startUpNames.filter { name in
            shown.places(of: "\(request.owner.home)/\(name)").contains { $0.isWritable && !shown.isProtected($0) }
        }
        return (home ? ["the home is writable"] : [])
            + (open.isEmpty
                ? [] : ["the host executes these of the home, and they can be written: \(open.joined(separator: " "))"])
    }

    /// What everybody on the host executes, or its services obey.
    private static let systemPaths = [
        "/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/opt", "/root", "/sbin", "/usr", "/var/lib", "/var/spool",
    ]

    private var system: [String] {
        let open = Self.systemPaths.flatMap { path in
            (shown.places(of: path) + shown.parts(of: path)).filter { place in
                place.isWritable && !shown.isProtected(place) && place.entry.origin != "workspace"
                    && !JailPath.contains(request.owner.home, place.path)
            }.map(\.path)
        }
        return open.isEmpty
            ? []
            : [
                "what the host's users and services execute or obey can be written, as far as its owner may: "
                    + Set(open).sorted().joined(separator: " ")
            ]
    }

    /// In a workspace: what the host's git, shell, editor and agents execute or obey once somebody is in there.
    private static let workspaceNames = [
        ".git/hooks", ".git/config", ".gitmodules", ".envrc", ".vscode", ".idea", ".claude", ".codex", ".mcp.json",
    ]

    private var workspace: [String] {
        guard let workspace = plan.filesystem.first(where: { $0.origin == "workspace" })?.target else { return [] }
        let open = Self.workspaceNames.filter { name in
            shown.places(of: "\(workspace)/\(name)").contains { $0.isWritable && !shown.isProtected($0) }
        }
        return open.isEmpty
            ? []
            : [
                "the host executes or obeys these of the workspace, and they can be written (protect): "
                    + open.joined(separator: " ")
            ]
    }

    private var knownSockets: [(path: String, words: String)] {
        let session = "/run/user/\(request.owner.uid)"
        return [
            ("/run/docker.sock", "Docker's, which gives root on the host"),
            ("/run/containerd/containerd.sock", "containerd's, which gives root on the host"),
            ("/run/crio/crio.sock", "CRI-O's, which gives root on the host"),
            ("/run/podman/podman.sock", "Podman's, which gives root on the host"),
            ("\(session)/podman/podman.sock", "Podman's, which starts programs outside"),
            ("\(session)/docker.sock", "Docker's, which starts programs outside"),
            ("/run/libvirt/libvirt-sock", "libvirt's, which gives root on the host"),
            ("/run/dbus/system_bus_socket", "the system's D-Bus"),
            ("\(session)/bus", "the session's D-Bus, which starts programs outside"),
            ("/run/systemd/private", "systemd's"), ("\(session)/systemd/private", "the user's systemd's"),
            ("\(session)/keyring", "the keyring's, ssh-agent included"),
            ("\(session)/gnupg", "gpg-agent's"), ("\(session)/wayland-0", "the desktop's"),
            ("/tmp/.X11-unix", "the desktop's, which reads every key"),
            ("/run/agent-supervisor", "supervisord's, which starts agents"),
        ]
    }

    private var sockets: [String] {
        var found: [String: String] = [:]
        for (path, words) in knownSockets {
            for place in shown.places(of: path) where !shown.isHidden(place) {
                found[place.path] = "\(place.path): a socket of the host's: \(words)"
            }
        }
        for entry in plan.filesystem where found[entry.target] == nil {
            guard case .bind(let bind) = entry.kind, case .path(let source) = bind.source else { continue }
            if HostFile.isSocket(source) || source.contains("ssh-agent") || source.hasPrefix("/tmp/ssh-") {
                found[entry.target] =
                    "\(entry.target): a socket of the host's: what listens there does what the agent says"
            }
        }
        let lines = found.sorted { $0.key < $1.key }.map(\.value)
        let variables = ["SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST"].filter {
            plan.command.environment[$0] != nil
        }
        return lines + variables.map { "\($0) is set: it leads to a service outside that acts for the owner" }
    }
}
