"""Targets that misbehave, one class for each way in which targets were seen or feared to."""

import socket
import time

from tests.harvester.z3950.rig import (
    COUNT,
    MARC,
    UNIVERSAL,
    HangUp,
    Target,
    record,
    refused,
    sutrs,
)
from tests.support.z3950 import marc
from unioncat_harvester.readers.z3950 import ber, oids
from unioncat_harvester.readers.z3950.ber import Element


def indefinite(message: bytes) -> bytes:
    """Write a message anew with indefinite lengths wherever it may be."""

    def write(element: Element, outer: bytes) -> bytes:
        header = ber.read_header(outer, 0, len(outer))
        assert header is not None
        if not element.constructed:
            return outer
        at, parts = header.body, []
        while at < len(outer):
            inner = ber.read_header(outer, at, len(outer))
            assert inner is not None
            end = inner.body + inner.length
            parts.append(write(ber.decode(outer[at:end]), outer[at:end]))
            at = end
        return _tag_of(outer) + b"\x80" + b"".join(parts) + b"\x00\x00"

    return write(ber.decode(message), message)


def _tag_of(data: bytes) -> bytes:
    end = 1
    if data[0] & 0x1F == 0x1F:
        while data[end] & 0x80:
            end += 1
        end += 1
    return data[:end]


class Indefinite(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        line.sendall(indefinite(message))


class LongLengths(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        header = ber.read_header(message, 0, len(message))
        assert header is not None
        length = header.length.to_bytes(7, "big")
        line.sendall(_tag_of(message) + b"\x87" + length + message[header.body :])


class Dribbles(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        for at in range(0, len(message), 500):
            line.sendall(message[at : at + 500])
            time.sleep(0.001)


class Fewer(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        return super().present(found, start, min(count, 7))


class Segments(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        answer = ber.decode(message)
        if not answer.is_(25) or answer.get(28) is None:
            line.sendall(message)
            return
        records = [ber.sequence(one.contents()) for one in answer.need(28)]
        for at in range(0, len(records) - 1, 5):
            part = records[at : min(at + 5, len(records) - 1)]
            line.sendall(ber.group(45, ber.integer(24, len(part)), ber.group(0, *part)))
        line.sendall(self.answer_present((records[-1],)))


class Drops(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        answer = super().present(found, start, count)
        if self.presents % 3 == 0:
            raise HangUp
        return answer


class ClosesMidway(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        answer = super().present(found, start, count)
        if self.presents % 3 == 0:
            return ber.group(48, ber.integer(211, 7), ber.string(3, b"you were idle"))
        return answer


class NoNegotiation(Target):
    def init(self, request: Element) -> bytes:
        if 17 in request.need(4).bits():
            raise HangUp
        return super().init(request)


class XmlForMarc(Target):
    def one(self, number: int) -> bytes:
        data = (
            f'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
            f'<controlfield tag="001">{number}</controlfield></record>'
        )
        return record(data.encode(), oids.XML)


class MarcInText(Target):
    def one(self, number: int) -> bytes:
        return sutrs(MARC[number - 1])


class OneRefused(Target):
    def one(self, number: int) -> bytes:
        return refused(14) if number == 57 else super().one(number)


class Poison(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        if 57 in found[start - 1 : start - 1 + count]:
            return self.answer_present((), fault=14)
        return super().present(found, start, count)


class SilentPoison(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        if 57 in found[start - 1 : start - 1 + count]:
            return self.answer_present(())
        return super().present(found, start, count)


class NoNumber(Target):
    def one(self, number: int) -> bytes:
        return record(marc(None, "Không số")) if number == 57 else super().one(number)


class StrangeSyntax(Target):
    def one(self, number: int) -> bytes:
        if number != 57:
            return super().one(number)
        grs = ber.group(0, ber.sequence(ber.sequence(ber.integer(1, 2))))
        name = ber.oid(UNIVERSAL(ber.OID), f"{oids.PREFIX}.5.105")
        external = ber.group(UNIVERSAL(ber.EXTERNAL), name, grs)
        return ber.sequence(ber.group(1, ber.group(1, external)))


class Capped(Target):
    shows = 50


class CountsCapped(Target):
    shows = 50
    counts = 50


class SilentlyCapped(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        return self.answer_present(self.records(found[start - 1 : min(start - 1 + count, 50)]))


class CappedWithoutIndex(Target):
    shows = 50
    searchable = False


class Shrinks(Target):
    def numbers(self) -> list[int]:
        return list(range(11 if self.sessions > 1 else 1, COUNT + 1))

    def present(self, found: list[int], start: int, count: int) -> bytes:
        answer = super().present(found, start, count)
        if self.presents == 3:
            raise HangUp
        return answer


class HangsAfterInit(Target):
    def search(self, request: Element) -> tuple[bytes, list[int]]:
        time.sleep(3)
        raise HangUp


class SaysNothing(Target):
    def init(self, request: Element) -> bytes:
        time.sleep(3)
        raise HangUp


class HalfAnAnswer(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        line.sendall(message if message[0] == 0xB5 else message[: len(message) // 2])
        if message[0] != 0xB5:
            raise HangUp


class InnerLengthLies(Target):
    def one(self, number: int) -> bytes:
        data = bytearray(super().one(number))
        data[data.rindex(b"\x81\x82" if b"\x81\x82" in data else b"\x81\x81") + 2] |= 0x7F
        return bytes(data)


class OuterLengthLies(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        if message[0] == 0xB5:
            line.sendall(message)
        else:
            header = ber.read_header(message, 0, len(message))
            assert header is not None
            length = (header.length + 5000).to_bytes(3, "big")
            line.sendall(_tag_of(message) + b"\x83" + length + message[header.body :])


class AbsurdSize(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        absurd = _tag_of(message) + b"\x84\xc0\x00\x00\x00" + b"\x30" * 100
        line.sendall(message if message[0] == 0xB5 else absurd)


class NeverEnds(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        if message[0] == 0xB5:
            line.sendall(message)
            return
        line.sendall(_tag_of(message) + b"\x80")
        piece = ber.string(4, b"x" * 60_000)
        while True:
            line.sendall(piece)


class EndlessSegments(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        if not ber.decode(message).is_(25):
            line.sendall(message)
            return
        while True:
            line.sendall(ber.group(45, ber.integer(24, 0), ber.group(0)))


class TooDeep(Target):
    def one(self, number: int) -> bytes:
        deep = b""
        for _ in range(1000):
            deep = ber.sequence(deep)
        return ber.sequence(ber.group(1, ber.group(1, deep)))


class TooManyElements(Target):
    def one(self, number: int) -> bytes:
        return ber.sequence(b"\x05\x00" * 250_000) if number == 1 else super().one(number)


class MoreThanAsked(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        return self.answer_present(self.records(found))


class NegativeHits(Target):
    def answer_search(self, hits: int, fault: int = 0) -> bytes:
        return super().answer_search(-hits - 1)


class AbsurdHits(Target):
    def answer_search(self, hits: int, fault: int = 0) -> bytes:
        return super().answer_search(2**60)


class HitsTooHigh(Target):
    def search(self, request: Element) -> tuple[bytes, list[int]]:
        _, found = super().search(request)
        return self.answer_search(len(found) + 80 if len(found) == COUNT else len(found)), found

    def present(self, found: list[int], start: int, count: int) -> bytes:
        return self.answer_present(self.records(found[start - 1 : start - 1 + count]))


class Repeats(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        return self.answer_present(self.records(found[:count]))


class RefusesInit(Target):
    def init(self, request: Element) -> bytes:
        return super().init(request).replace(ber.boolean(12, True), ber.boolean(12, False))


class ClosesAtOnce(Target):
    def init(self, request: Element) -> bytes:
        return ber.group(48, ber.integer(211, 5), ber.string(3, b"unknown network"))


class WebServer(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        line.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        raise HangUp


class Trickles(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        if message[0] == 0xB5:
            line.sendall(message)
            return
        for at in range(len(message)):
            line.sendall(message[at : at + 1])
            time.sleep(0.12)


class NoDatabase(Target):
    def find(self, node: Element) -> set[int]:
        raise ValueError(235)


class GivesNothing(Target):
    def present(self, found: list[int], start: int, count: int) -> bytes:
        return self.answer_present((), fault=238)


class AnswersAnother(Target):
    def search(self, request: Element) -> tuple[bytes, list[int]]:
        return self.scan(request), []


class Fragments(Target):
    def one(self, number: int) -> bytes:
        piece = ber.string(UNIVERSAL(ber.OCTET_STRING), MARC[number - 1])
        return ber.sequence(ber.group(1, ber.group(3, piece)))


class AsksForControl(Target):
    def search(self, request: Element) -> tuple[bytes, list[int]]:
        return ber.group(28, ber.string(37, b"challenge")), []


class Garbage(Target):
    def send(self, line: socket.socket, message: bytes) -> None:
        line.sendall(b"\xff\xff\xff\xff\xff\xff\xff\xff" * 10)
