# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors
"""The network: nothing but a loopback of the jail's own, unless the profile says that it is the host's."""
import errno
import fcntl
import socket
import struct

from .checks import Group, facts

group = Group("network")


def tcp(address, port, family=socket.AF_INET, seconds=2):
    one = socket.socket(family)
    one.settimeout(seconds)
    try:
        one.connect((address, port))
    except ConnectionRefusedError:
        # The jail's own loopback says so; from any other address it means that the packets got there.
        return None if address.endswith((".0.0.1", ".9.9.9", "0.0.0.0")) else f"{address} answered"
    return f"connected to {address}:{port}"


@group.attack("host-loopback")
def _():
    return tcp("127.0.0.1", facts.loopback_port)


@group.attack("host-loopback-other-address")
def _():
    return tcp("127.9.9.9", facts.loopback_port)


@group.attack("host-loopback-by-zero")
def _():
    return tcp("0.0.0.0", facts.loopback_port)


@group.attack("host-loopback-mapped")
def _():
    return tcp("::ffff:127.0.0.1", facts.loopback_port, socket.AF_INET6)


@group.attack("host-loopback-datagram")
def _():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(2)
    one.connect(("127.0.0.1", facts.datagram_port))
    one.send(b"hello")
    return one.recv(64) == b"outside" and "answered"


@group.attack("metadata-service")
def _():
    return tcp("169.254.169.254", 80)


@group.attack("metadata-service-6")
def _():
    return tcp("fd00:ec2::254", 80, socket.AF_INET6)


@group.attack("route-outside")
def _():
    # Connecting a datagram socket sends nothing, but needs a route.
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    return "there is a route"


@group.attack("route-outside-6")
def _():
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(("2001:db8::1", 9))
    return "there is a route"


@group.attack("broadcast")
def _():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    one.connect(("255.255.255.255", 9))
    return "there is a route"


@group.attack("interfaces")
def _():
    return [name for _, name in socket.if_nameindex() if name != "lo"]


@group.attack("names")
def _():
    try:
        return socket.gethostbyname("example.com")
    except socket.gaierror as problem:
        raise OSError(errno.ENETUNREACH, str(problem)) from None


@group.attack("connections-listed")
def _():
    with open("/proc/self/net/tcp", encoding="utf-8") as file:
        return f":{facts.loopback_port:04X} " in file.read() and "the host's sockets are listed"


def netlink(kind, flags, body):
    """The error that a request to change the network gets; 0 is success."""
    one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    one.bind((0, 0))
    one.settimeout(2)
    one.send(struct.pack("IHHII", 16 + len(body), kind, flags | 5, 1, 0) + body)
    answer = one.recv(4096)
    code = -struct.unpack_from("i", answer, 16)[0]
    if code in (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP):
        raise OSError(code, "refused")
    return f"reached the kernel: {errno.errorcode.get(code, code)}"


# Requests to remove what is not there.
@group.attack("change-addresses")
def _():
    return netlink(21, 0, struct.pack("BBBBI", 2, 32, 0, 0, 1) + struct.pack("HH4B", 8, 2, 127, 99, 99, 99))


@group.attack("change-routes")
def _():
    route = struct.pack("BBBBBBBBI", 2, 32, 0, 0, 254, 4, 0, 1, 0)
    return netlink(25, 0, route + struct.pack("HH4B", 8, 1, 203, 0, 113, 99))


@group.attack("change-links")
def _():
    return netlink(17, 0, struct.pack("BxHiII", 0, 0, 999999, 0, 0))


@group.attack("change-neighbours")
def _():
    return netlink(29, 0, struct.pack("BxxxiHBB", 2, 1, 0, 0, 0) + struct.pack("HH4B", 8, 1, 127, 99, 99, 99))


@group.attack("change-interface")
def _():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    request = struct.pack("16s16x", b"lo")
    flags = fcntl.ioctl(one, 0x8913, request)
    fcntl.ioctl(one, 0x8914, flags)
    return "set"


@group.attack("low-port")
def _():
    socket.socket().bind(("127.0.0.1", 997))
    return "bound"


@group.attack("mark")
def _():
    # Marks choose routes and pass firewalls.
    socket.socket().setsockopt(socket.SOL_SOCKET, 36, 1)
    return "set"


@group.attack("transparent")
def _():
    socket.socket().setsockopt(socket.SOL_IP, 19, 1)
    return "set"


@group.attack("larger-buffers")
def _():
    socket.socket().setsockopt(socket.SOL_SOCKET, 33, 1 << 20)
    return "set"
