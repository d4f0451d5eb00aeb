"""Language codes of MARC out of whatever a source writes: ISO 639-1, -2/T, -3, tags, and names.

A code outside the tables passes if it has the form of one; a value of another form is no language.
"""

from functools import lru_cache

from unioncat.text import key_fold

_TWO_LETTER_PAIRS = (
    "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel "
    "bg:bul bi:bis bm:bam bn:ben bo:tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:cze cu:chu "
    "cv:chv cy:wel da:dan de:ger dv:div dz:dzo ee:ewe el:gre en:eng eo:epo es:spa et:est eu:baq fa:per "
    "ff:ful fi:fin fj:fij fo:fao fr:fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb "
    "hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:arm hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido "
    "is:ice it:ita iu:iku ja:jpn jv:jav ka:geo kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor "
    "kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub "
    "lv:lav mg:mlg mh:mah mi:mao mk:mac ml:mal mn:mon mr:mar ms:may mt:mlt my:bur na:nau nb:nob nd:nde "
    "ne:nep ng:ndo nl:dut nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan "
    "pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:rum ru:rus rw:kin sa:san sc:srd sd:snd se:sme "
    "sg:sag si:sin sk:slo sl:slv sm:smo sn:sna so:som sq:alb sr:srp ss:ssw st:sot su:sun sv:swe sw:swa "
    "ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah "
    "ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vn:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha "
    "zh:chi zu:zul"
)
_TWO_LETTERS = dict(pair.split(":") for pair in _TWO_LETTER_PAIRS.split())
# Terminological codes, ISO 639-3 codes of single languages where MARC has the wider one, discontinued codes.
_OTHER_CODE_PAIRS = (
    "bod:tib ces:cze cym:wel deu:ger ell:gre eus:baq fas:per fra:fre hye:arm isl:ice kat:geo mkd:mac "
    "mri:mao msa:may mya:bur nld:dut ron:rum slk:slo sqi:alb zho:chi cmn:chi yue:chi zsm:may mol:rum "
    "scc:srp scr:hrv esp:epo eth:gez far:fao fri:fry gag:glg gae:gla gua:grn int:ina iri:gle kus:kos "
    "lan:oci lap:smi max:glv sao:smo sho:sna snh:sin sso:sot swz:ssw tag:tgl taj:tgk tar:tat tru:chk "
    "tsw:tsn cam:khm hmn:hmn"
)
_OTHER_CODES = dict(pair.split(":") for pair in _OTHER_CODE_PAIRS.split())
# Keyed by the folded name without the word for "language".
_NAMES = {
    "viet": "vie",
    "viet nam": "vie",
    "vietnamese": "vie",
    "anh": "eng",
    "english": "eng",
    "phap": "fre",
    "french": "fre",
    "duc": "ger",
    "german": "ger",
    "nga": "rus",
    "russian": "rus",
    "trung": "chi",
    "trung quoc": "chi",
    "hoa": "chi",
    "han": "chi",
    "chinese": "chi",
    "nhat": "jpn",
    "japanese": "jpn",
    "han quoc": "kor",
    "trieu tien": "kor",
    "korean": "kor",
    "lao": "lao",
    "thai": "tha",
    "khmer": "khm",
    "khome": "khm",
    "campuchia": "khm",
    "tay ban nha": "spa",
    "spanish": "spa",
    "bo dao nha": "por",
    "portuguese": "por",
    "y": "ita",
    "italian": "ita",
    "ha lan": "dut",
    "la tinh": "lat",
    "latin": "lat",
    "a rap": "ara",
    "arabic": "ara",
    "indonesia": "ind",
    "sec": "cze",
    "ba lan": "pol",
    "hmong": "hmn",
    "mong": "hmn",
    "e de": "rad",
    "ede": "rad",
    "cham": "cjm",
}
_NAMES["i"] = _NAMES.pop("y")  # the key of an open syllable is written with i
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis", "xxx"})
_WORDS_FOR_LANGUAGE = frozenset({"tieng", "chu", "ngon", "ngu", "language"})


@lru_cache(maxsize=4096)
def marc_code(value: str) -> str | None:
    """Return the MARC code (ISO 639-2/B) of a code, tag or name of a language, or None.

    Undetermined, multiple and "no linguistic content" are no languages.
    """
    tag = value.strip().lower()
    code = tag.replace("_", "-").partition("-")[0]
    if code.isascii() and code.isalpha():
        if len(code) == 2:
            return _TWO_LETTERS.get(code)
        if len(code) == 3 and code not in _NAMES:
            return None if code in _NO_LANGUAGE else _OTHER_CODES.get(code, code)
    words = [
        word for word in key_fold(value).split() if word not in {"tieng", "chu", "ngon", "ngu", "language"}
    ]
    return _NAMES.get(" ".join(words))


@lru_cache(maxsize=4096)
def marc_codes(value: str) -> tuple[str, ...]:
    """Return the codes in a subfield of 041, which may pack several into one value ("engvie")."""
    packed = value.strip().lower()
    if len(packed) > 3 and len(packed) % 3 == 0 and packed.isascii() and packed.isalpha():
        codes = [marc_code(packed[at : at + 3]) for at in range(0, len(packed), 3)]
    else:
        codes = [marc_code(part) for part in packed.replace(",", ";").split(";")]
    return tuple(dict.fromkeys(code for code in codes if code))
