"""The free text of headers, in the languages and character sets of PACS."""

import unicodedata
from dataclasses import replace

import pytest

from taceflow.imaging.dicom.phase_rules import named_phases


@pytest.mark.parametrize(
    "description", ["Partial recon", "Start", "Earth", "CARTO", "HEART", "party"]
)
def test_a_word_that_only_holds_the_letters_is_no_phase(rules, description, refused, series):
    problem = refused([series(3, description)], rules)
    assert problem.startswith("none of 1 series is recognised as the arterial phase")


PHASE_WORDS = {
    "unenhanced": "PRE LIVER|pre_contrast|UNENHANCED|ABD_NATIV|Nativ 5.0|non-con|NC|NCCT|"
    "CAP W/O CONTRAST|ohne KM|Abdomen sans injection|SANS IV|sin contraste|fase basale|senza mdc|"
    "sem contraste|blanco|zonder contrast|bez kontrastu|faza natywna|Kontrastsız|без контраста|"
    "нативная фаза|平扫|腹部平掃|単純|비조영|C-|LIVER C- 5.0",
    "arterial": "arteriell|Spätarteriell 3.0|Temps artériel|ARTERIELLE|fase arterial|HAP|LAP|ART|"
    "fase arteriosa|arteriële fase|faza tętnicza|arteriyel faz|артериальная фаза|动脉期|動脈相|"
    "動脈優位相|동맥기|Late art. phase|ART5mm|LIVER_ART_2.0|ＡＲＴ|artériel tardif|late arterial|"
    "spät arteriell|arterial tardía|поздняя артериальная|AP phase",
    "portal": "portalvenös|portalvenoes 5.0|venös|Temps portal|portale|veineux|fase portal|PVP|PV|"
    "VEN|fase venosa|portaal|faza wrotna|F.ŻYLNA|portal venöz|портальная|венозная|门脉期|门静脉期|"
    "門脈相|문맥기|COR_VENOUS|70s ven|late portal|70_SEC_VENOUS",
    "delayed": "Spätphase|spät|tardif|temps tardif|fase tardía|fase tardiva|tardia|late fase|DEL|"
    "faza późna|opóźniona|geç faz|отсроченная|поздняя фаза|延迟期|延遲期|遅延相|平衡相|지연기|DP|"
    "DELAY_5MIN|5_MIN_DELAY|equilibrium|excretory",
    "": "LIVER 3 PHASE (AP)|CAP|C/A/P|C-A-P|ABD+PELVIS|A/P|AP|AP 5.0 B30f|Partial|HEART|HCC-1|"
    "TC DEL ABDOMEN|C-SPINE|Abdomen KM|C+|PRE-OP PLANNING|pre TACE|alternative|portable|8_X_4_MIN|"
    "chapter|CAPTURE|Start|with and without|25_SEC_DELAY|plate|Venezia|steering|主动脉",
}


@pytest.mark.parametrize("phase", PHASE_WORDS)
def test_the_phase_in_the_languages_of_pacs(rules, phase, series):
    """As words of another language, in any case, with underscores, with and without accents."""
    for text in PHASE_WORDS[phase].split("|"):
        bare = "".join(
            one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)
        )
        parted = text.replace(" ", "_")
        for spelling in (text, text.upper(), parted, bare, unicodedata.normalize("NFD", text)):
            named = named_phases(series(3, spelling), rules)
            assert named == ({phase} if phase else set()), (spelling, named)


@pytest.mark.parametrize(
    ("text", "charset", "phase"),
    [
        ("动脉期", "gb18030", "arterial"),
        ("動脈相", "shift_jis", "arterial"),
        ("동맥기", "euc_kr", "arterial"),
        ("артериальная", "cp1251", "arterial"),
        ("portalvenös", "utf-8", "portal"),
        ("門脈相", "utf-8", "portal"),
    ],
)
def test_text_without_its_character_set(rules, text, charset, phase, series):
    read = text.encode(charset).decode("latin-1")
    assert named_phases(series(3, read), rules) == {phase}


def test_a_pattern_of_the_users_own_fits_as_it_is_written(rules, series):
    for pattern in ("ABD_KM1", r"ABD\_KM1", r"(?P<one_phase>KM1)", "(?x) ABD _ KM1", "früh|KM1"):
        own = replace(rules, phase_patterns={"arterial": pattern})
        assert named_phases(series(3, "ABD_KM1"), own) == {"arterial"}
        assert named_phases(series(3, "ABD_KM2"), own) == set()
