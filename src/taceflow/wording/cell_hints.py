"""What a cell that holds no number probably means, and how to write it."""

import re

_THIN = "\u00a0\u2007\u2009\u202f"
"""Spaces that programs put between thousands."""

_MINUS = "\u2212\u2013\u2014\u2010\u2011\ufe63\uff0d"
"""Signs that look like a minus."""

_UNKNOWN = re.compile(
    r"(?i)[-–—.?*/]+|\.[a-z_]|#?n\.?/?v\.?|#.*[!?]|n\.?\s?[adkb]\.?|k\.?\s?a\.?|missing|unknown|unbekannt|"
    r"inconnue?|not (known|done|available|applicable)|not reported|nan|none|nil|leer"
)
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?.*|\d\d?[./]\d\d?[./]\d{2,4}|\d\d?-[A-Za-z]{3}(-\d+)?|"
    r"[A-Za-z]{3}-\d\d?"
)
_NUMBER = re.compile(r"[+-]?\d[\d., ']*")


def number_hint(text: str) -> str:
    """Return how a text should be written to be a number; "" if no number is meant.

    Parameters
    ----------
    text : str
        A cell that holds no number.

    Returns
    -------
    str

    >>> number_hint("3,5")
    'a decimal comma: write 3.5'
    >>> number_hint("1,234")
    'a comma: write 1234 if it parts thousands, 1.234 if it is a decimal comma'
    >>> number_hint("left")
    ''
    """
    plain = text.strip()
    if _DATE.fullmatch(plain):
        return "a date: write the number; in a spreadsheet set the cell's format to Number"
    if _UNKNOWN.fullmatch(plain):
        return "leave the cell empty if the value is unknown"
    for sign in _MINUS:
        plain = plain.replace(sign, "-")
    if plain != text.strip() and _NUMBER.fullmatch(plain):
        return f"a sign that only looks like a minus: write {plain}"
    if re.match(r"[<>≤≥≦≧~≈±]|ca\.?\s|about", plain) and re.search(r"\d", plain):
        return "a bound is no number: write the number that shall stand for it, or leave it empty"
    if plain.endswith("%"):
        return "a percent sign: write the number alone, in all rows on one scale"
    for space in _THIN:
        plain = plain.replace(space, " ")
    plain = plain.replace("\u2019", "'")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        return ""
    if _NUMBER.fullmatch(plain):
        return _grouped(plain)
    if re.fullmatch(r"[+-]?\d+([.,]\d+)?\s*(-|to|bis|–)\s*\d+([.,]\d+)?", plain):
        return "a range: write one number"
    if re.search(r"\d\s*(cm|mm)?\s*[x×*]\s*\d", plain):
        return "several measures: write one number, such as the largest diameter"
    if re.fullmatch(r"\d+([.,]\d+)?\s*[A-Za-zµμ%°][\w/²^%°]*", plain):
        return "write the number alone, without its unit"
    if re.match(r"\d", plain) and re.search(r"[*†‡(;?]", plain):
        return "write the number alone"
    return ""


def truth_hint(text: str) -> str:
    """Return which of 0 and 1 a word probably means; "" if none.

    >>> truth_hint("nein")
    'write 1 for yes, 0 for no'
    """
    words = (
        "yes|no|y|n|ja|nein|j|oui|non|si|sí|true|false|t|f|wahr|falsch|vrai|faux|"
        "positive|negative|pos|neg|present|absent|[+-]|是|否|有|无"
    )
    return "write 1 for yes, 0 for no" if re.fullmatch(words, text.strip().lower()) else ""


_WORDS = {
    "female": "w weiblich frau femme féminin femenino mujer femmina 女 女性 f",
    "male": "männlich mann homme masculin masculino hombre maschio 男 男性 m",
    "unenhanced": "native nativ plain precontrast pre non-contrast ncct",
    "arterial": "arteriell artériel ap hap art 动脉期",
    "portal": "pv pvp venous venös portalvenous portal-venous portal_venous portalvenös 门静脉期",
    "delayed": "late spät equilibrium dp tardif 延迟期",
    "training": "train derivation development",
    "validation": "test val testing",
    "keep": "ok yes ja oui behalten bleibt garder conserver mantener conservar tenere houden 保留",
    "exclude": "no nein non ausschliessen ausgeschlossen exclure exclu excluir escludere 排除",
    "redraw": "neuzeichnen nachzeichnen redessiner redibujar ridisegnare 重画 重新勾画",
    "screened": "total all sum gescreent gescreened summe gesamt gesichtet somme 合计 筛查",
}
"""Words of other languages and programs for the values of a table."""


def word_meant(text: str) -> str:
    """Return the table's word for one of another language or program; "" if none is known.

    >>> word_meant("weiblich")
    'female'
    """
    plain = text.strip().casefold()
    return next((word for word, others in _WORDS.items() if plain in others.split()), "")


def _grouped(text: str) -> str:
    """Return how a number with separators inside is written, both ways where it is ambiguous."""
    digits = text.replace(" ", "").replace("'", "")
    if digits.count(",") == 1 and "." not in digits:
        point = digits.replace(",", ".")
        if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", digits):
            whole = digits.replace(",", "")
            return f"a comma: write {whole} if it parts thousands, {point} if it is a decimal comma"
        return f"a decimal comma: write {point}"
    if "," in digits and "." in digits:
        last = max(digits.rfind(","), digits.rfind("."))
        whole = re.sub(r"[.,]", "", digits[:last])
        return f"two separators: write {whole}.{digits[last + 1 :]}"
    if "," in digits or digits.count(".") > 1:
        return f"separators between thousands: write {re.sub(r'[.,]', '', digits)}"
    return f"a separator inside the number: write {digits}"
