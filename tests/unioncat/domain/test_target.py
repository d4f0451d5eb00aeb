"""Which addresses are public: all forms of those that are not, and what the operator opens."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.target import Allowance, TargetRules, closed, endpoint, literal, plain

OPEN = TargetRules()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "unspecified"),
        ("10.255.255.255", "private"),
        ("100.64.0.1", "RFC 6598"),
        ("127.8.8.8", "this machine"),
        ("169.254.1.1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("168.63.129.16", "metadata"),
        ("100.100.100.200", "metadata"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarks"),
        ("203.0.113.9", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "this machine"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "this machine"),
        ("::ffff:0a00:1", "private"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("64:ff9b:1::1", "reserved"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "metadata"),
        ("fe80::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        ("2001::1", "tunnel"),
        ("2002:7f00:1::", "6to4"),
        ("100::1", "reserved"),
        ("4000::1", "reserved"),
    ],
)
def test_what_is_not_public_is_closed(address: str, kind: str) -> None:
    assert kind in (closed(ip_address(address)) or "")
    assert OPEN.refusal("a.example", 443, ip_address(address)) is not None


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "113.160.1.1", "2405:4800::1", "64:ff9b::808:808"],
)
def test_what_is_public_is_open(address: str) -> None:
    assert closed(ip_address(address)) is None
    assert OPEN.refusal("a.example", 443, ip_address(address)) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_open_that_the_registry_of_the_internet_does_not_call_global(
    address: IPv4Address | IPv6Address,
) -> None:
    if closed(address) is None:
        assert plain(address).is_global
        assert not plain(address).is_multicast


@given(st.ip_addresses(v=4))
def test_no_wrapping_opens_an_address(address: IPv4Address) -> None:
    wrapped = [IPv6Address(f"::ffff:{address}"), IPv6Address(int(IPv6Address("64:ff9b::")) + int(address))]
    for one in wrapped:
        assert closed(one) == closed(address)
    for tunnel in (int(IPv6Address("2002::")) + (int(address) << 80), int(address)):
        assert closed(IPv6Address(tunnel)) is not None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7F.0.0x1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("10.258", "10.0.1.2"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_in_every_form_that_resolvers_take(host: str, address: str) -> None:
    assert str(literal(host)) == address
    assert OPEN.refusal_of_name(host, 80) is not None


@pytest.mark.parametrize(
    "host", ["example.vn", "1.2.3.4.5", "256.1.1.1", "08.1.1.1", "4294967296", "", "1e3.vn"]
)
def test_names_are_no_addresses(host: str) -> None:
    assert literal(host) is None


@given(st.text(max_size=40))
def test_no_host_breaks_the_judgement(host: str) -> None:
    OPEN.refusal_of_name(host, 80)
    endpoint(f"http://{host}/")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.", "a.localhost", "localhost.localdomain"])
def test_this_machine_by_name(name: str) -> None:
    assert "this machine" in (OPEN.refusal_of_name(name, 80) or "")
    assert OPEN.refusal_of_name("localhost.example.vn", 80) is None


@pytest.mark.parametrize("port", [22, 25, 1, 389, 3306, 5432, 6379, 9200, 11211, 27017])
def test_ports_of_other_services_are_closed(port: int) -> None:
    address = ip_address("8.8.8.8")
    assert OPEN.refusal("a.example", port, address) == f"port {port} is not open for sources"
    assert OPEN.refusal_of_name("a.example", port) is not None
    assert TargetRules.of(f"a.example:{port}").refusal("a.example", port, address) is None
    assert TargetRules.of("a.example").refusal("a.example", port, address) is not None


@pytest.mark.parametrize("port", [80, 81, 210, 443, 2100, 7090, 8080, 9998, 65535])
def test_ports_of_catalogues_are_open(port: int) -> None:
    assert OPEN.refusal("a.example", port, ip_address("8.8.8.8")) is None


@pytest.mark.parametrize(
    ("allow", "host", "port", "address", "opened"),
    [
        ("10.1.0.0/16", "koha", 80, "10.1.2.3", True),
        ("10.1.0.0/16", "koha", 80, "10.2.2.3", False),
        ("10.1.0.0/16", "koha", 5432, "10.1.2.3", False),
        ("10.1.2.3:8080", "koha", 8080, "10.1.2.3", True),
        ("10.1.2.3:8080", "koha", 8081, "10.1.2.3", False),
        ("10.1.2.3", "koha", 80, "::ffff:10.1.2.3", True),
        ("koha.lan", "KOHA.lan.", 80, "192.168.1.1", True),
        ("koha.lan", "evil.lan", 80, "192.168.1.1", False),
        ("koha.lan:210", "koha.lan", 80, "192.168.1.1", False),
        ("[fd12::1]:210", "z", 210, "fd12::1", True),
        ("fd12::/16", "z", 210, "fd12::1", True),
        ("0.0.0.0/0", "cloud", 80, "169.254.169.254", False),
        ("cloud", "cloud", 80, "169.254.169.254", False),
        ("169.254.169.254", "cloud", 80, "169.254.169.254", True),
        ("a.example , 10.0.0.1,", "koha", 80, "10.0.0.1", True),
    ],
)
def test_what_the_operator_allows(allow: str, host: str, port: int, address: str, opened: bool) -> None:
    assert (TargetRules.of(allow).refusal(host, port, ip_address(address)) is None) is opened


@pytest.mark.parametrize(
    "word", ["10.0.0.0/33", "a b", "10.0.0.1:0", "10.0.0.1:99999", "[::1", "http://a/", "10.0.0.1/8", "a:b"]
)
def test_an_allowance_that_means_nothing_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Allowance.of(word)


@pytest.mark.parametrize("ports", ["80-", "90-80", "x", "0"])
def test_ports_that_mean_nothing_are_refused(ports: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        TargetRules.of(ports=ports)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("https://opac.example.vn/oai", ("https", "opac.example.vn", 443)),
        ("HTTP://Opac.Example.VN.:8080/x", ("http", "opac.example.vn", 8080)),
        ("z.example.vn:2100/lib", ("z3950", "z.example.vn", 2100)),
        ("z.example.vn/lib", ("z3950", "z.example.vn", 210)),
        ("http://[fd12::1]:81/", ("http", "fd12::1", 81)),
        ("http://a:99999/", ("", "", None)),
    ],
)
def test_who_is_at_an_address(address: str, parts: tuple[str, str, int | None]) -> None:
    assert endpoint(address) == parts
