"""How a text, a name or a number is written otherwise without a change of meaning, and how it is damaged.

Independent of `unioncat.text`: what the project's own code undoes is not made by that same code.
"""

import re
import unicodedata

_OLD = ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy")
_NEW = ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ")
_TO_NEW = {
    **dict(zip(_OLD, _NEW, strict=True)),
    **{o.title(): n.title() for o, n in zip(_OLD, _NEW, strict=True)},
}
_TO_OLD = {new: old for old, new in _TO_NEW.items()}
_OLD_END = re.compile(rf"({'|'.join(_TO_NEW)})\b")
_NEW_END = re.compile(rf"(?<![qQ])({'|'.join(_TO_OLD)})\b")
_OPEN_Y = re.compile(r"\b([hklmst]|qu)([yýỳỷỹỵ])\b", re.IGNORECASE)
_OPEN_I = re.compile(r"\b([hklmst]|qu)([iíìỉĩị])\b", re.IGNORECASE)
_Y, _I = "yýỳỷỹỵYÝỲỶỸỴ", "iíìỉĩịIÍÌỈĨỊ"


def tones_new(text: str) -> str:
    """Put the tones of open syllables on the second vowel: hòa becomes hoà."""
    return _OLD_END.sub(lambda found: _TO_NEW[found[0]], text)


def tones_old(text: str) -> str:
    """Put the tones of open syllables on the first vowel: hoà becomes hòa."""
    return _NEW_END.sub(lambda found: _TO_OLD[found[0]], text)


def i_for_y(text: str) -> str:
    """Write i for y in open syllables: kỹ becomes kĩ."""
    return _OPEN_Y.sub(lambda found: found[1] + found[2].translate(str.maketrans(_Y, _I)), text)


def y_for_i(text: str) -> str:
    """Write y for i in open syllables of learned words: kĩ becomes kỹ; "hi" and "ti" of other words stay."""
    return _OPEN_I.sub(
        lambda found: found[0] if found[2] in "iI" else found[1] + found[2].translate(str.maketrans(_I, _Y)),
        text,
    )


def decomposed(text: str) -> str:
    """Write every mark as its own character (NFD)."""
    return unicodedata.normalize("NFD", text)


def slip(text: str, kind: str) -> str:
    """Make one of the slips of old keyboards, PDF fonts and word processors."""
    match kind:
        case "oi":
            return text.replace("ư", "ƣ")
        case "eth":
            return text.replace("Đ", "Ð").replace("đ", "ð")
        case "african-d":
            return text.replace("Đ", "Ɖ")
        case "nbsp":
            return text.replace(" ", "\xa0", 2)
        case "zero-width":
            return text.replace(" ", " \u200b", 1)
        case "soft-hyphen":
            return text.replace(" ", "\xad ", 1)
        case "unaccented":
            return unaccented(text)
    return text


def unaccented(text: str) -> str:
    """Write no marks at all, as catalogues without Vietnamese keyboards did."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize(
        "NFC", "".join(letter for letter in plain if not unicodedata.combining(letter))
    )


SLIPS = ("oi", "eth", "african-d", "nbsp", "zero-width", "soft-hyphen")

_TCVN3 = dict(
    zip(
        "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĐĂÂÊÔƠƯ",
        "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\xadøõö÷ùýúûüþ§¡¢£¤¥¦",
        strict=True,
    )
)
_VNI_MARK = {"": "", "\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_HAT = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BREVE = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}
_TONES = "\u0301\u0300\u0309\u0303\u0323"


def tcvn3(text: str) -> str:
    """Write TCVN3 (ABC) bytes read as Latin-1; toned capitals have no byte and become small letters."""
    return "".join(
        _TCVN3.get(letter, _TCVN3.get(letter.lower(), letter))
        for letter in unicodedata.normalize("NFC", text)
    )


def vni(text: str) -> str:
    """Write VNI bytes read as Latin-1: the plain vowel, then a letter that stands for its marks."""
    return "".join(_vni_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _vni_letter(letter: str) -> str:
    if letter in "đĐ":
        return "ñ" if letter == "đ" else "Ñ"
    base, *marks = list(unicodedata.normalize("NFD", letter))
    tone = next((mark for mark in marks if mark in _TONES), "")
    hats = [mark for mark in marks if mark not in _TONES]
    if not marks:
        return letter
    if "\u031b" in hats:  # ơ, ư
        stem = {"o": "ô", "O": "Ô", "u": "ö", "U": "Ö"}[base]
        return stem + _VNI_MARK[tone]
    if base in "iI":
        return _VNI_I[tone].upper() if base == "I" else _VNI_I[tone]
    if base in "yY" and tone == "\u0323":
        return "î" if base == "y" else "Î"
    table = _VNI_HAT if "\u0302" in hats else _VNI_BREVE if "\u0306" in hats else _VNI_MARK
    return base + (table[tone].upper() if base.isupper() else table[tone])


def misread(text: str) -> str:
    """Write UTF-8 read as cp1252; bytes that cp1252 lacks are read as Latin-1, as browsers do."""
    return "".join(_cp1252(byte) for byte in text.encode())


def _cp1252(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


RESIDUES = {"tcvn3": tcvn3, "vni": vni, "utf8-as-cp1252": misread}


def inverted(name: str, western: bool) -> str:
    """Write the family name first and a comma after it."""
    words = name.split()
    if len(words) == 1 or "," in name:
        return name
    if not western:
        return f"{words[0]}, {' '.join(words[1:])}"
    start = len(words) - (2 if words[-2] in ("García", "de", "Conan") else 1)
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}"


def hyphenated(isbn: str, pattern: int) -> str:
    """Write an ISBN-13 with hyphens, in one of the patterns that catalogues hold."""
    cut = (3, 6, 7 + pattern % 3, 12)
    return "-".join(isbn[begin:end] for begin, end in zip((0, *cut), (*cut, 13), strict=True))


def isbn10(isbn: str) -> str:
    """Write an ISBN-13 of the range 978 as the ISBN-10 with its own check digit."""
    digits = isbn[3:12]
    check = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
    return digits + ("X" if check == 10 else str(check))


_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


def roman(number: int) -> str:
    """Write a number up to fifteen in Roman numerals."""
    return _ROMAN[number]


_ORDINALS = ("", "nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười")


def ordinal(number: int) -> str:
    """Write an ordinal in words up to ten, else in digits."""
    return _ORDINALS[number] if number < len(_ORDINALS) else str(number)
