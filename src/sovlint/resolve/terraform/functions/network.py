"""IP network functions.

Terraform reads addresses as Go did before 1.17: leading zeros are allowed and mean nothing.
"""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

from sovlint.resolve.terraform.functions.base import Function, scalar
from sovlint.resolve.terraform.functions.strings import whole_number
from sovlint.resolve.terraform.numerics import Number
from sovlint.resolve.terraform.types import BOOL, NUMBER, STRING, list_of
from sovlint.resolve.terraform.values import undetermined

_Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


def _plain_zeros(address: str) -> str:
    """Decimal parts without leading zeros, which Python rejects."""
    if ":" in address:
        head, colon, tail = address.rpartition(":")
        return head + colon + _plain_zeros(tail) if "." in tail else address
    return ".".join(
        part.lstrip("0") or "0" if part.isdecimal() and len(part) <= 20 else part for part in address.split(".")
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if "%" in text:
        raise ValueError("no address")
    return ipaddress.ip_address(_plain_zeros(text))


def _network(prefix: str) -> _Network:
    text, slash, length = prefix.partition("/")
    if not slash or not length.isdecimal() or not length.isascii() or len(length) > 10:
        raise ValueError("no CIDR prefix")
    network = ipaddress.ip_network((_address(text), int(length)), strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.overlaps(_MAPPED) and network.prefixlen >= 96:
        raise undetermined("IPv4 addresses in IPv6 notation")
    return network


def _made(network: _Network, start: int, length: int) -> str:
    return f"{type(network.network_address)(start)}/{length}"


def _checked(network: _Network, start: int) -> int:
    """The same number, unless Go would print it as an IPv4 address."""
    if isinstance(network, ipaddress.IPv6Network) and ipaddress.IPv6Address(start) in _MAPPED:
        raise undetermined("IPv4 addresses in IPv6 notation")
    return start


def _cidrsubnet(prefix: str, newbits: Number, netnum: Number) -> str:
    network = _network(prefix)
    bits, number = whole_number(newbits), whole_number(netnum)
    length = network.prefixlen + bits
    if bits < 0:
        raise undetermined("cidrsubnet() with negative bits")
    if length > network.max_prefixlen or number >= 2**bits:
        raise ValueError("does not fit")
    if number < 0:
        raise undetermined("cidrsubnet() with a negative number")
    start = int(network.network_address) + number * 2 ** (network.max_prefixlen - length)
    return _made(network, _checked(network, start), length)


def _cidrsubnets(prefix: str, *newbits: Number) -> list[str]:
    network = _network(prefix)
    at = int(network.network_address)
    end = at + network.num_addresses
    out = []
    for new in newbits:
        bits = whole_number(new)
        length = network.prefixlen + bits
        if not 1 <= bits <= 32 or length > network.max_prefixlen:
            raise ValueError("does not fit")
        size = 2 ** (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > end:
            raise ValueError("not enough room")
        out.append(_made(network, _checked(network, at), length))
        at += size
    return out


def _cidrhost(prefix: str, hostnum: Number) -> str:
    network = _network(prefix)
    if hostnum != int(hostnum):
        raise ValueError("a whole number is required")
    number = int(hostnum)
    room = network.num_addresses
    if not -room <= number < room:
        raise ValueError("does not fit")
    start = int(network.network_address) + (number if number >= 0 else room + number)
    return str(type(network.network_address)(_checked(network, start)))


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise ValueError("IPv6 addresses have no netmask")
    return str(network.netmask)


def _cidrcontains(containing: str, contained: str) -> bool:
    """OpenTofu's: whether a network holds an address or another network."""
    network = _network(containing)
    other = _network(contained) if "/" in contained else ipaddress.ip_network(_address(contained))
    if network.version != other.version:
        raise ValueError("address families differ")
    return network.network_address <= other.network_address and other.broadcast_address <= network.broadcast_address  # type: ignore[operator]


FUNCTIONS: dict[str, Function] = {
    "cidrsubnet": scalar((STRING, NUMBER, NUMBER), STRING, _cidrsubnet),
    "cidrsubnets": scalar((STRING,), list_of(STRING), _cidrsubnets, NUMBER),
    "cidrhost": scalar((STRING, NUMBER), STRING, _cidrhost),
    "cidrnetmask": scalar((STRING,), STRING, _cidrnetmask),
    "cidrcontains": scalar((STRING, STRING), BOOL, _cidrcontains),
}
