# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""Sockets: of families that lead past the network namespace or into old code, and those that the host listens on."""
import ctypes
import os
import socket
import struct

from . import kernel
from .checks import Group, facts, reaches

group = Group("sockets")

# VSOCK reaches the machine's own hypervisor whatever the network namespace; ALG, BLUETOOTH, TIPC, RDS, CAN … are where
# the kernel's holes have been; KEY and XFRM are IPsec's.
for name, family in {
    "vsock": 40, "alg": 38, "bluetooth": 31, "key": 15, "rds": 21, "tipc": 30, "can": 29, "xdp": 44, "pppox": 24,
    "nfc": 39, "kcm": 41, "qipcrtr": 42, "smc": 43, "llc": 26, "x25": 9, "ax25": 3, "appletalk": 5, "ieee802154": 36,
    "caif": 37, "phonet": 35, "isdn": 34, "rxrpc": 33, "infiniband": 27, "mctp": 45,
}.items():

    @group.attack("family-" + name)
    def _(family=family):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
            try:
                socket.socket(family, kind, 0).close()
                return f"a socket of family {family}"
            except OSError as problem:
                last = problem
        raise last


@group.attack("packet")
def _():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    return "opened"


@group.attack("raw")
def _():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return "opened"


@group.attack("raw-6")
def _():
    socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58).close()
    return "opened"


# Netlink protocols that configure or watch the machine. Sockets of them are opened by anyone; it is the messages and
# groups that need a right.
for name, protocol, mask in (("audit", 9, 1), ("netfilter", 12, 0), ("connector", 11, 1)):

    @group.attack("netlink-" + name)
    def _(protocol=protocol, mask=mask):
        one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        one.bind((0, mask))
        # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN: needs CAP_NET_ADMIN, like every other message there.
        kind = {12: 10 << 8 | 16, 9: 1000, 11: 3}[protocol]
        one.send(struct.pack("IHHII4x", 20, kind, 5, 1, 0))
        one.settimeout(1)
        try:
            answer = one.recv(4096)
        except socket.timeout:
            raise PermissionError(1, "no answer") from None
        kind = struct.unpack_from("H", answer, 4)[0]
        return not (kind == 2 and struct.unpack_from("i", answer, 16)[0] in (-1, -13)) and f"answered with {kind}"


@group.attack("netlink-device-events")
def _():
    # The kernel tells of devices in the initial network namespace, and of those in one's own.
    with open("/proc/self/net/netlink", encoding="utf-8"):
        pass
    one = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
    one.bind((0, 1))
    one.setsockopt(270, 8, 1)
    return "listens to all namespaces"


def connects(path):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(2)
    one.connect(path)
    return f"connected to {path!r}"


@group.attack("abstract")
def _():
    # CVE-2020-15257: abstract names belong to the network namespace, not to the file system.
    return connects("\0" + facts.abstract_name)


@group.attack("abstract-names")
def _():
    with open("/proc/self/net/unix", encoding="utf-8") as file:
        return facts.abstract_name in file.read() and "the name is listed"


@group.attack("beside-the-workspace")
def _():
    return connects(facts.unix_socket)


for name in ("bus", "ssh-agent", "wayland-0", "gnupg/S.gpg-agent", "podman/podman.sock", "pulse/native",
             "systemd/private", "keyring/control", "docker.sock"):
    # What a login session leaves in its runtime directory; the test listens on each.
    group.attack("session-" + name.split("/")[0].replace(".", "-"))(
        lambda name=name: connects(f"{facts.runtime_directory}/{name}"))

for name, path in {
    "docker": "/run/docker.sock", "docker-old": "/var/run/docker.sock", "containerd": "/run/containerd/containerd.sock",
    "systemd": "/run/systemd/private", "system-bus": "/run/dbus/system_bus_socket",
    "journal": "/run/systemd/journal/stdout", "resolve": "/run/systemd/resolve/io.systemd.Resolve",
    "user-database": "/run/systemd/userdb/io.systemd.DynamicUser", "nscd": "/run/nscd/socket",
    "udev": "/run/udev/control", "snapd": "/run/snapd.socket", "libvirt": "/run/libvirt/libvirt-sock",
    "x11": "/tmp/.X11-unix/X0", "cups": "/run/cups/cups.sock", "podman": "/run/podman/podman.sock",
    "crio": "/run/crio/crio.sock", "log": "/dev/log", "lxd": "/var/lib/lxd/unix.socket",
}.items():
    group.attack("host-" + name)(lambda path=path: os.path.exists(path) and f"{path} is there")


@group.attack("forged-credentials")
def _():
    # The daemon believes what the kernel says of its peers: nobody may say otherwise.
    one, other = socket.socketpair()
    other.setsockopt(socket.SOL_SOCKET, 16, 1)
    one.sendmsg([b"x"], [(socket.SOL_SOCKET, 2, struct.pack("iII", 1, 12345, 12345))])
    return "sent as another user"




@group.attack("packet-filter-of-sockets")
def _():
    # SO_ATTACH_BPF takes a descriptor of a program, which nobody in a jail can load.
    return reaches(lambda: kernel.call("bpf", 5, kernel.pointer(ctypes.create_string_buffer(128)), 128))
