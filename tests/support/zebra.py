"""A Zebra server with records of the test's own: Z39.50 and SRU 1.1, 1.2 and 2.0 on one port.

Its files are written to the folder that is given; nothing is read from anywhere else but Debian's own tables.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_zebra = pytest.mark.skipif(
    not (shutil.which("zebrasrv") and shutil.which("zebraidx")), reason="Zebra (idzebra-2.0) is not installed"
)
DATABASE = "Default"
STARTS_WITHIN = 20.0
"""Seconds."""

_ZEBRA = """\
profilePath: .:/usr/share/idzebra-2.0/tab
modulePath: {modules}
recordtype: dom.dom.xml
attset: bib1.att
index: own.idx
encoding: utf-8
storeData: 1
storeKeys: 1
recordId: (bib1,Local-number)
register: ./register:1G
shadow: ./shadow:1G
lockDir: ./lock
keyTmpDir: .
perm.anonymous: r
"""
_DOM = """\
<dom>
  <extract name="index"><xslt stylesheet="index.xsl"/></extract>
  <retrieve name="marc"><xslt stylesheet="same.xsl"/></retrieve>
  <retrieve name="dc"><xslt stylesheet="dc.xsl"/></retrieve>
  <retrieve name="mods"><xslt stylesheet="mods.xsl"/></retrieve>
  <input name="marc"><marc inputcharset="utf-8"/></input>
</dom>
"""
_INDEXES = """\
index w
completeness 0
position 1
alwaysmatches 1
firstinfield 1
icuchain words.xml

index p
completeness 1
firstinfield 1
icuchain words.xml

index n
completeness 0
charmap numeric.chr

index 0
completeness 0
position 1
charmap @

sort s
completeness 1
charmap string.chr
"""
_WORDS = """\
<icu_chain locale="vi">
  <transform rule="[:Control:] Any-Remove"/>
  <tokenize rule="l"/>
  <transform rule="[[:WhiteSpace:][:Punctuation:]] Remove"/>
  <display/>
  <transform rule="NFD; [:Nonspacing Mark:] Remove; NFC; Latin-ASCII"/>
  <casemap rule="l"/>
</icu_chain>
"""
_XSL = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
    ' xmlns:z="http://indexdata.com/zebra-2.0" xmlns:m="http://www.loc.gov/MARC21/slim"'
    ' exclude-result-prefixes="m z"><xsl:output method="xml" encoding="UTF-8"/>{}</xsl:stylesheet>'
)
_SAME = (
    '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>'
    "</xsl:template>"
)
_INDEX = """
<xsl:template match="text()"/>
<xsl:template match="m:record">
  <z:record z:id="{normalize-space(m:controlfield[@tag='001'])}">
    <z:index name="Local-number:0 Local-number:n Local-number:w">
      <xsl:value-of select="normalize-space(m:controlfield[@tag='001'])"/></z:index>
    <z:index name="Date/time-added-to-db:n">
      <xsl:value-of select="concat('20', substring(m:controlfield[@tag='008'], 1, 6))"/></z:index>
    <z:index name="Date/time-last-modified:n">
      <xsl:value-of select="substring(m:controlfield[@tag='005'], 1, 8)"/></z:index>
    <xsl:for-each select="m:datafield[@tag='245']">
      <z:index name="Title:w Title:p"><xsl:value-of select="m:subfield[@code='a']"/></z:index>
    </xsl:for-each>
    <xsl:for-each select="m:datafield/m:subfield">
      <z:index name="Any:w Anywhere:w"><xsl:value-of select="."/></z:index>
    </xsl:for-each>
  </z:record>
</xsl:template>
"""
_DC = """
<xsl:template match="m:record">
  <dc xmlns="info:srw/schema/1/dc-schema">
    <title><xsl:value-of select="m:datafield[@tag='245']/m:subfield[@code='a']"/></title>
    <identifier><xsl:value-of select="m:controlfield[@tag='001']"/></identifier>
  </dc>
</xsl:template>
"""
_MODS = """
<xsl:template match="m:record">
  <mods xmlns="http://www.loc.gov/mods/v3" version="3.7">
    <titleInfo><title><xsl:value-of select="m:datafield[@tag='245']/m:subfield[@code='a']"/></title>
    </titleInfo>
    <recordInfo><recordIdentifier><xsl:value-of select="m:controlfield[@tag='001']"/></recordIdentifier>
    </recordInfo>
  </mods>
</xsl:template>
"""
_CQL = """\
set.cql = info:srw/cql-context-set/1/cql-v1.2
set.rec = info:srw/cql-context-set/2/rec-1.1
set.dc = info:srw/cql-context-set/1/dc-v1.1
set = info:srw/cql-context-set/1/dc-v1.1
index.cql.serverChoice = 1=1016
index.cql.allRecords = 1=_ALLRECORDS 2=103
index.rec.identifier = 1=12 4=109
index.rec.id = 1=12 4=3
index.rec.creationDate = 1=1011 4=109
index.rec.lastModificationDate = 1=1012 4=109
index.dc.title = 1=4
relation.< = 2=1
relation.le = 2=2
relation.eq = 2=3
relation.exact = 2=3
relation.ge = 2=4
relation.> = 2=5
relation.scr = 2=3
relation.all = 4=6
relation.any = 4=105
position.first = 3=1 6=1
position.any = 3=3 6=1
position.last = 3=4 6=1
position.firstAndLast = 3=3 6=3
structure.* = 4=1
truncation.right = 5=1
truncation.left = 5=2
truncation.both = 5=3
truncation.none = 5=100
truncation.z3958 = 5=104
"""
_SERVER = """\
<yazgfs>
  <listen id="z">tcp:127.0.0.1:{port}</listen>
  <server id="main" listenref="z">
    <config>zebra.cfg</config>
    <cql2rpn>cql.properties</cql2rpn>
    <retrievalinfo>
      <retrieval syntax="usmarc" name="F"><backend syntax="xml" name="marc">
        <marc inputformat="xml" outputformat="marc" outputcharset="utf-8"/></backend></retrieval>
      <retrieval syntax="usmarc"><backend syntax="xml" name="marc">
        <marc inputformat="xml" outputformat="marc" outputcharset="utf-8"/></backend></retrieval>
      <retrieval syntax="xml" name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1">
        <backend syntax="xml" name="marc"/></retrieval>
      <retrieval syntax="xml" name="dc" identifier="info:srw/schema/1/dc-v1.1">
        <backend syntax="xml" name="dc"/></retrieval>
      <retrieval syntax="xml" name="mods" identifier="info:srw/schema/1/mods-v3.7">
        <backend syntax="xml" name="mods"/></retrieval>
      <retrieval syntax="xml"><backend syntax="xml" name="marc"/></retrieval>
    </retrievalinfo>
    <explain xmlns="http://explain.z3950.org/dtd/2.0/">
      <serverInfo><host>127.0.0.1</host><port>{port}</port><database>{database}</database></serverInfo>
      <databaseInfo><title>Thư viện Zebra</title></databaseInfo>
      <indexInfo>
        <set identifier="info:srw/cql-context-set/1/cql-v1.2" name="cql"/>
        <set identifier="info:srw/cql-context-set/2/rec-1.1" name="rec"/>
        <set identifier="info:srw/cql-context-set/1/dc-v1.1" name="dc"/>
        <index><map><name set="cql">allRecords</name></map></index>
        <index><map><name set="rec">identifier</name></map></index>
        <index><map><name set="rec">creationDate</name></map></index>
        <index><map><name set="rec">lastModificationDate</name></map></index>
        <index><map><name set="dc">title</name></map></index>
      </indexInfo>
      <schemaInfo>
        <schema identifier="info:srw/schema/1/marcxml-v1.1" name="marcxml"><title>MARCXML</title></schema>
        <schema identifier="info:srw/schema/1/dc-v1.1" name="dc"><title>Dublin Core</title></schema>
        <schema identifier="info:srw/schema/1/mods-v3.7" name="mods"><title>MODS</title></schema>
      </schemaInfo>
      <configInfo>
        <default type="numberOfRecords">10</default>
        <setting type="maximumRecords">50</setting>
      </configInfo>
    </explain>
  </server>
</yazgfs>
"""


@dataclass(frozen=True, slots=True)
class Zebra:
    """A server that runs."""

    host: str
    port: int
    folder: Path

    @property
    def sru(self) -> str:
        """Its address for SRU."""
        return f"http://{self.host}:{self.port}/{DATABASE}"

    def update(self, records: Iterable[bytes]) -> None:
        """Add or replace records (ISO 2709 in UTF-8, each with its own 001); seen at once."""
        _write(self.folder, records)
        _index(self.folder, "update", "records.mrc")
        _index(self.folder, "commit")

    def delete(self, records: Iterable[bytes]) -> None:
        """Take records out again."""
        _write(self.folder, records)
        _index(self.folder, "delete", "records.mrc")
        _index(self.folder, "commit")


@contextmanager
def zebra(folder: Path, records: Iterable[bytes]) -> Iterator[Zebra]:
    """Index records (ISO 2709 in UTF-8, each with its own 001) and serve them for the length of a block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    modules = next(Path("/usr/lib").glob("*/idzebra-2.0/modules"))
    files = {
        "zebra.cfg": _ZEBRA.format(modules=modules),
        "dom.xml": _DOM,
        "own.idx": _INDEXES,
        "words.xml": _WORDS,
        "index.xsl": _XSL.format(_INDEX),
        "same.xsl": _XSL.format(_SAME),
        "dc.xsl": _XSL.format(_DC),
        "mods.xsl": _XSL.format(_MODS),
        "cql.properties": _CQL,
        "server.xml": _SERVER.format(port=port, database=DATABASE),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    for name in ("register", "shadow", "lock"):
        (folder / name).mkdir()
    _index(folder, "init")
    running = Zebra("127.0.0.1", port, folder)
    running.update(records)
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            ["zebrasrv", "-f", "server.xml"], cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _await(server, port, folder)
        yield running
    finally:
        server.terminate()
        server.wait(10)


def _write(folder: Path, records: Iterable[bytes]) -> None:
    (folder / "records.mrc").write_bytes(b"".join(records))


def _index(folder: Path, *command: str) -> None:
    done = subprocess.run(
        ["zebraidx", "-c", "zebra.cfg", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode or "[fatal]" in done.stderr:
        raise RuntimeError(f"zebraidx {' '.join(command)} failed: {done.stderr[-2000:]}")


def _await(server: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as line:
            line.settimeout(0.5)
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"zebrasrv did not start: {(folder / 'server.log').read_text()[-2000:]}")
