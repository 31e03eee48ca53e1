"""Units: every factor against pint, every worked conversion by hand, and the spellings that other systems misread."""

from __future__ import annotations

import re
import sys
import warnings
from decimal import Decimal
from fractions import Fraction
from subprocess import run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.resources import table
from screening.units import (
    UnitError,
    accepted,
    assumed,
    canonical,
    conversion,
    lookup,
    measure,
    measures,
    normal,
    plausible,
    quantity,
    shown,
    slip,
    spellings,
    ucum,
)
from screening.variables import catalogue

# What a UCUM atom is called in pint; arbitrary and international units are dimensions of their own.
PINT = dict(
    line.split(maxsplit=1)
    for line in """
[IU]         iu_who
[arb'U]      iu_arbitrary
mm[Hg]       mmhg_ucum
cm[H2O]      cmh2o_ucum
[lb_av]      pound
[oz_av]      ounce
[stone_av]   (14*pound)
[in_i]       inch
[ft_i]       foot
[ppm]        (1/1000000)
[ppb]        (1/1000000000)
[MET]        1
[diop]       1
[degF]       1
Cel          1
U            enzyme_unit
mU           (enzyme_unit/1000)
ukat         microkatal
nkat         nanokatal
meq          (equivalent_ucum/1000)
eq           equivalent_ucum
m[IU]        (iu_who/1000)
u[IU]        (iu_who/1000000)
k[IU]        (iu_who*1000)
k[arb'U]     (iu_arbitrary*1000)
%            (1/100)
a            julian_year
mo           (julian_year/12)
wk           week
d            day
h            hour
min          minute
s            second
dB           1
deg          1
g            gram
m            meter
L            liter
mol          mole
{drinks}     1
{alcohol_units} 1
{packs}      20
{events}     1
""".strip().splitlines()
)


def cells(text: str) -> list[list[str]]:
    """A table of facts, written one row a line."""
    return [line.split() for line in text.strip().splitlines()]


@pytest.fixture(scope="module")
def registry() -> object:
    """pint in exact fractions, with the few units it lacks (UCUM's conventional mmHg, equivalents, arbitrary units)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pint = pytest.importorskip("pint")
        found = pint.UnitRegistry(non_int_type=Fraction)
    for name in ("iu_who", "iu_arbitrary", "equivalent_ucum", "copies_ucum"):
        found.define(f"{name} = [{name}]")
    found.define("mmhg_ucum = 133322 * pascal / 1000")
    found.define("cmh2o_ucum = 980665 * pascal / 10000")
    found.define("enzyme_unit = mole / 1000000 / minute")
    return found


def to_pint(code: str) -> str:
    """A UCUM code as a pint expression, atom by atom."""
    code = re.sub(
        r"\{1\.73_m2\}|\{(?:FEU|DDU|cells|score|copies|cigarettes|cups|letters|logMAR|log_copies|pack-years|half-lives)\}",
        "",
        code,
    )
    code = code.replace("24.h", "24*h") if "24.h" in code else code
    parts = re.split(r"([/*.()])", re.sub(r"10\*(\d+)", r"10^\1", code))
    written = "".join(_atom(part) for part in parts).replace(".", "*").replace("^", "**")
    return re.sub(r"/(?=$|/)", "", "1" + written if written.startswith("/") else written or "1").rstrip("/") or "1"


def _atom(part: str) -> str:
    if part in PINT:
        return PINT[part]
    if found := re.fullmatch(r"([munpdckf]?)([A-Za-z]+?)(\d?)", part):
        prefix, base, power = found.groups()
        return (
            f"{prefix}{PINT.get(base, base)}" + (f"**{power}" if power else "")
            if base in ("g", "L", "m", "mol", "s", "Pa", "Gy", "Bq", "cal")
            else part
        )
    return part


@pytest.mark.parametrize("dimension", sorted({found.dimension for found in measures().values()}))
def test_every_factor_agrees_with_pint(dimension: str, registry: object) -> None:
    """Within a dimension, the ratios of the recorded factors are those pint derives from the codes alone."""
    codes = [code for code, found in measures().items() if found.dimension == dimension and code != "1"]
    parse: Any = registry
    first = codes[0]
    for code in codes[1:]:
        if "{packs}" in code or code == "{6m}" or (dimension, code) == ("substance fraction", "mmol/mol"):
            continue  # of packs and distances of eye charts pint knows nothing
        ratio = (parse(to_pint(code)) / parse(to_pint(first))).to("").magnitude
        assert Fraction(ratio) == measure(code).factor / measure(first).factor, (code, first)


WORKED = """
anc                  1.5    10*9/L    1500
platelets            100    10*9/L    100000
platelets            1.5    10*5/uL   150000
platelets            10     10*4/uL   100000
wbc                  3      10*3/mm3  3000
cd4                  350    /mL       0.35
hemoglobin           90     g/L       9
hemoglobin           6.2    mmol/L    9.99068
creatinine           88.4   umol/L    0.9999808
creatinine           1.5    mg/dL     1.5
bilirubin_total      34.2   umol/L    1.99958166
glucose              7      mmol/L    126.1092
hba1c                48     mmol/mol  6.54304
calcium              5      meq/L     10.0195
calcium              2.5    mmol/L    10.0195
magnesium            2      meq/L     2.4305
sodium               140    meq/L     140
urea                 6      mmol/L    36.0336
bun                  6      mmol/L    16.8084
alt                  1      ukat/L    60
ldh                  100    nkat/L    6
hematocrit           0.42   L/L       42
lvef                 0.55   1         55
qtc                  0.45   s         450
temperature          100.4  [degF]    38
weight               110    [lb_av]   49.8951607
height               70     [in_i]    177.8
life_expectancy      1      a         12
tumor_size           6      cm        60
creatinine_clearance 1      mL/s      60
crp                  1      mg/dL     10
tsh                  4      u[IU]/mL  4
hcg                  5      [IU]/L    5
insulin              60     pmol/L    10
troponin_i           40     ng/L      0.04
upcr                 1      g/g       1000
fibrinogen           2      g/L       200
testosterone         1.7    nmol/L    49.03327
pain_nrs             40     mm        4
smoking              1      {packs}/d 20
"""


@pytest.mark.parametrize(("variable", "value", "unit", "expected"), cells(WORKED))
def test_worked_conversions_are_exact(variable: str, value: str, unit: str, expected: str) -> None:
    assert canonical(variable, Decimal(value), unit) == Fraction(expected)


# factor_exact of the table of analytes: conventional → SI, recomputed there from molar masses (6 significant digits)
EXACT = """
hemoglobin         g/dL      mmol/L   0.620578
creatinine         mg/dL     umol/L   88.4017
bun                mg/dL     mmol/L   0.356964
urea               mg/dL     mmol/L   0.166511
bilirubin_total    mg/dL     umol/L   17.1036
bilirubin_direct   mg/dL     umol/L   17.1036
alt                U/L       ukat/L   0.0166667
ldh                U/L       ukat/L   0.0166667
glucose            mg/dL     mmol/L   0.0555074
calcium            mg/dL     mmol/L   0.249513
calcium_ionized    mg/dL     mmol/L   0.249513
magnesium          mg/dL     mmol/L   0.411438
phosphate          mg/dL     mmol/L   0.322851
uric_acid          mg/dL     umol/L   59.4842
cholesterol        mg/dL     mmol/L   0.0258622
hdl                mg/dL     mmol/L   0.0258622
ldl                mg/dL     mmol/L   0.0258622
triglycerides      mg/dL     mmol/L   0.0112937
bnp                pg/mL     pmol/L   0.288684
nt_probnp          pg/mL     pmol/L   0.118245
ft4                ng/dL     pmol/L   12.8721
ft3                pg/mL     pmol/L   1.53615
testosterone       ng/dL     nmol/L   0.0346703
estradiol          pg/mL     pmol/L   3.67123
iron               ug/dL     umol/L   0.179067
tibc               ug/dL     umol/L   0.179067
vitamin_d          ng/mL     nmol/L   2.49596
b12                pg/mL     pmol/L   0.737796
ammonia            ug/dL     umol/L   0.587165
lactate            mg/dL     mmol/L   0.111015
upcr               mg/g      mg/mmol  0.11312
acr                mg/g      mg/mmol  0.11312
cortisol           ug/dL     nmol/L   27.5888
pth                pg/mL     pmol/L   0.106101
insulin            u[IU]/mL  pmol/L   6.00
hematocrit         %         1        0.01
systolic_bp        mm[Hg]    kPa      0.133322
troponin_i         ng/mL     ng/L     1000
albumin            g/dL      g/L      10
"""


@pytest.mark.parametrize(("variable", "start", "end", "factor"), cells(EXACT))
def test_known_factors_are_reproduced(variable: str, start: str, end: str, factor: str) -> None:
    got = conversion(variable, start).scale / conversion(variable, end).scale
    assert abs(got - Fraction(factor)) <= Fraction(factor) / 100000


ALL_UNITS = [(variable, unit) for variable in catalogue() for unit in accepted(variable)]


@given(st.sampled_from(ALL_UNITS), st.decimals(-1000, 1000, allow_nan=False, places=5))
def test_every_unit_converts_there_and_back_exactly(pair: tuple[str, str], value: Decimal) -> None:
    rule = conversion(*pair)
    assert rule.inverse(rule(value)) == Fraction(value)


def test_every_accepted_unit_converts_and_rises() -> None:
    for variable, unit in ALL_UNITS:
        assert conversion(variable, unit).scale > 0, (variable, unit)


def test_a_threshold_in_another_unit_compares_as_an_exact_fraction() -> None:
    """1.5×10⁹/L is 1500/µL and 1.8 ≤ 1.5 × 1.2, which binary floats deny."""
    assert canonical("anc", Decimal("1.5"), "10*9/L") == 1500
    assert Fraction("1.8") <= Fraction("1.5") * Fraction("1.2")
    assert not 1.8 <= 1.5 * 1.2


# spelling, variable, UCUM: each is misread by a general unit parser, or nearly
DANGEROUS = [
    ("K/uL", "platelets", "10*3/uL"),  # kelvin
    ("10*9/L", "anc", "10*9/L"),  # 90/L
    ("x 10e9/L", "anc", "10*9/L"),  # 10e9 = 1e10
    ("u/l", "alt", "U/L"),  # atomic mass
    ("IU/L", "alt", "U/L"),
    ("IU/L", "hcg", "[IU]/L"),
    ("IU/L", "platelets", None),  # never cells
    ("G/L", "platelets", "10*9/L"),
    ("G/L", "albumin", None),  # differs from g/L by case only
    ("g/L", "albumin", "g/L"),
    ("GPT/l", "platelets", "10*9/L"),
    ("GPT/l", "alt", None),
    ("M/µL", "rbc", "10*6/uL"),
    ("M/µL", "alt", None),
    ("T/L", "rbc", "10*12/L"),
    ("TI/L", "rbc", "10*12/L"),
    ("MILL/uL", "rbc", "10*6/uL"),
    ("mcU/mL", "tsh", "u[IU]/mL"),
    ("mcg/mg Cr", "acr", "ug/mg"),
    ("mM", "glucose", "mmol/L"),  # not millimetre
    ("mm", "tumor_size", "mm"),
    ("MM", "tumor_size", "mm"),
    ("mm3", "anc", "/mm3"),  # slash lost
    ("mm3", "tumor_volume", "mm3"),
    ("mL/min/1.73 m2", "egfr", "mL/min/{1.73_m2}"),
    ("ml/min/1,73m²", "egfr", "mL/min/{1.73_m2}"),
    ("mL/min/1.73m^2", "egfr", "mL/min/{1.73_m2}"),
    ("mg%", "bilirubin_total", "mg/dL"),  # not a percentage
    ("g%", "hemoglobin", "g/dL"),
    ("µIU/mL", "tsh", "u[IU]/mL"),
    ("µU/mL", "tsh", "u[IU]/mL"),
    ("mU/L", "tsh", "m[IU]/L"),
    ("U/mL", "ca125", "[arb'U]/mL"),
    ("kU/L", "ca125", "[arb'U]/mL"),
    ("U/mL", "alt", "U/mL"),
    ("mEq/L", "calcium", "meq/L"),
    ("mcmol/L", "creatinine", "umol/L"),
    ("γ/dL", "iron", "ug/dL"),
    ("in", "height", "[in_i]"),
    ("mm", "iop", "mm[Hg]"),
    ("mm", "esr", "mm/h"),
    ("°", "temperature", "Cel"),
    ("°", "cobb", "deg"),
    ("D", "refraction", "[diop]"),
    ("D", "life_expectancy", "d"),
    ("C", "temperature", "Cel"),
    ("°F", "temperature", "[degF]"),
    ("IU/mL", "hbv_dna", "[IU]/mL"),
    ("furlong", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("spelling", "variable", "code"), DANGEROUS)
def test_dangerous_spellings(spelling: str, variable: str | None, code: str | None) -> None:
    assert ucum(spelling, variable) == code


SPELLINGS = {
    "10*9/L": [
        "×10^9/L",
        "10^9/L",
        "10⁹/L",
        "×10⁹个/L",
        "GI/L",
        "/nL",
        "bil/L",
        "billion/L",
        "x10^9 /L",
        "10^9L",
        "* 10^9 / l",
        "10(9)/L",
        "x10⁹ cells/L",
    ],
    "10*3/uL": [
        "K/µL",
        "Tsd/µl",
        "thou/uL",
        "x10E3/uL",
        "x10(3)/mcL",
        "103/uL",
        "x 10^3/μL",
        "thousand per microliter",
    ],
    "10*3/mm3": ["K/cumm", "thou/mm3", "10^3/mm^3", "×10³/mm³", "K/cu mm"],
    "10*4/uL": ["万/μL"],
    "10*5/uL": ["lakhs/µL"],
    "10*5/mm3": ["lakh/cumm", "lakhs/mm3"],
    "10*6/mm3": ["mill/cumm"],
    "10*12/L": ["10^12/L", "Tpt/L"],
    "/uL": ["/µL", "/mcL", "cells/µL", "cells per microliter", "/ul", "per microlitre"],
    "/mm3": ["cells/mm3", "/cu.mm", "cells/cumm", "/mm^3", "/mm³", "per cubic millimeter", "/ cu mm", "/cubic mm"],
    "g/dL": ["g/dl", "gm/dL", "gm%", "grams per deciliter", "gr/dl", "g/100 ml"],
    "mg/dL": ["mg/100 mL", "mg / dl", "mg/dL", "milligrams/deciliter", "mg%"],
    "umol/L": ["µmol/L", "μmol / L", "umol/l", "mcmol/L", "micromol/L"],
    "U/L": ["U/l", "E/L", "units/L", "units per liter"],
    "[IU]/L": ["UI/L", "IE/L", "IU/l"],
    "mL/min": ["cc/min", "ml/mn", "ml / min", "milliliters per minute", "mL/minute", "ml per minute"],
    "mL/min/{1.73_m2}": [
        "ml/min/1.73",
        "mL / min / 1.73 m2",
        "ml/min/1.73 m^2",
        "mL per minute per 1.73 m2",
        "mL/min/1.73m",
    ],
    "mm[Hg]": ["mmHg", "mm Hg", "Torr", "mmhg"],
    "ms": ["msec", "milliseconds", "ms"],
    "s": ["sec", "seconds"],
    "/min": ["bpm", "beats/min", "beats per minute", "breaths/min"],
    "a": ["years", "yrs", "y/o", "year-old", "years of age", "yr", "Years Old"],
    "mo": ["months", "mos"],
    "wk": ["weeks", "wks", "weeks of gestation"],
    "d": ["days"],
    "h": ["hours", "hrs"],
    "min": ["minutes"],
    "Cel": ["°C", "℃", "degrees Celsius", "deg C"],
    "[degF]": ["°F", "degrees Fahrenheit"],
    "kg/m2": ["kg/m²", "kg/m^2", "Kg/m2", "kg / m2"],
    "[lb_av]": ["lbs", "pounds", "lb"],
    "{copies}/mL": ["copies/mL", "拷贝/mL", "copies / ml"],
    "{log_copies}/mL": ["log10 copies/mL"],
    "mm/h": ["mm/hr", "mm/1st hr", "mm/hour"],
    "mg/g": ["mg/g Cr", "mg/g creatinine"],
    "g/(24.h)": ["g/24h", "g/24 hours", "g/24hrs"],
    "mg/d": ["mg/day", "mg per day", "mg daily", "mg/24 hours"],
    "{pack-years}": ["pack-years", "pack years", "pack year"],
    "{drinks}/wk": ["drinks/week", "drinks per week", "standard drinks per week"],
    "{cigarettes}/d": ["cigarettes/day", "cigarettes per day", "cigarettes a day"],
    "[ppm]": ["ppm"],
    "deg": ["degrees", "°"],
    "[diop]": ["diopters"],
    "mg/L{FEU}": ["mg/L FEU"],
    "ug/mL{FEU}": ["µg/mL FEU"],
    "mg/kg/d": ["mg/kg/day", "mg/kg/d"],
}


@pytest.mark.parametrize("code", sorted(SPELLINGS))
def test_spellings_of_texts_and_laboratories(code: str) -> None:
    for spelling in SPELLINGS[code]:
        assert ucum(spelling) == code, spelling


@pytest.mark.parametrize("spelling", ["109/L", "103/uL", "106/L", "x 109/L", "×103/µL", "104/uL"])
def test_a_lost_superscript_is_read_as_a_power_and_flagged(spelling: str) -> None:
    found = lookup(spelling)
    assert found is not None
    assert found.lost_superscript
    assert found.ucum.startswith("10*")


def test_a_superscript_that_is_there_is_not_flagged() -> None:
    for spelling in ("10^9/L", "10⁹/L", "10*9/L", "x10E9/L"):
        found = lookup(spelling)
        assert found is not None
        assert not found.lost_superscript


def test_every_spelling_written_out_is_read_and_every_code_reads_as_itself() -> None:
    for spelling in spellings():
        assert lookup(spelling) is not None, spelling
    for code in measures():
        if code not in ("{cells}/uL", "{packs}/d"):
            assert ucum(code) == code


def test_every_code_the_table_gives_is_known() -> None:
    data = table("units")
    given_codes = {entry if isinstance(entry, str) else entry["ucum"] for entry in data["spellings"].values()}
    read = {code for family in data["readings"].values() for code in family.values() if code}
    assert given_codes | read | set(data["shown_as"].values()) <= set(measures())


def test_spelling_does_not_depend_on_space_case_or_the_kind_of_micro_sign() -> None:
    for spelling in ("mg/dL", "µmol/L", "mL/min", "/µL", "x10^9/L"):
        variants = {
            spelling,
            spelling.upper(),
            spelling.lower(),
            spelling.replace("/", " / "),
            spelling.replace("µ", "μ"),
        }
        assert len({ucum(variant, None) for variant in variants}) == 1, variants


def test_normal_form_keeps_the_case() -> None:
    assert normal("G/L") != normal("g/L")


def test_clearance_per_body_surface_is_another_quantity() -> None:
    with pytest.raises(UnitError):
        conversion("creatinine_clearance", "mL/min/{1.73_m2}")
    assert quantity("creatinine_clearance", "mL/min/{1.73_m2}") == "creatinine_clearance_indexed"
    assert quantity("egfr", "mL/min") == "gfr_absolute"
    assert quantity("egfr", "mL/min/{1.73_m2}") == "egfr"
    assert quantity("alt", None) == "alt"


FOREIGN = """
alt            10*9/L
anc            U/L
hbv_dna        {copies}/mL
phosphate      meq/L
ddimer         ng/mL{DDU}
pt             %
sodium         mg/dL
viral_load     {log_copies}/mL
weight         cm
ecog           mg/dL
bnp            [IU]/L
"""


@pytest.mark.parametrize(("variable", "unit"), cells(FOREIGN))
def test_what_does_not_convert_is_refused_with_the_way_out(variable: str, unit: str) -> None:
    with pytest.raises(UnitError, match=f"{re.escape(unit)} is not a unit of {variable}; accepted: "):
        conversion(variable, unit)


def test_no_unit_is_right_only_for_scales_ratios_and_counts() -> None:
    assert canonical("ecog", Decimal(1), None) == 1
    assert canonical("inr", Decimal("1.5"), None) == Fraction(3, 2)
    assert canonical("inr", Decimal("1.5"), "1") == Fraction(3, 2)
    assert canonical("karnofsky", Decimal(70), "%") == 70
    with pytest.raises(UnitError, match="anc needs a unit"):
        canonical("anc", Decimal(1500), None)


def test_an_error_never_shows_the_value() -> None:
    with pytest.raises(UnitError) as caught:
        canonical("anc", Decimal("1234.5"), None)
    assert "1234" not in str(caught.value)


# variable, number without a unit, the one unit it can have
MISSING = """
anc                  1500    /uL
anc                  1.5     10*9/L
platelets            100000  /uL
platelets            100     10*9/L
platelets            50      10*9/L
wbc                  3000    /uL
hemoglobin           9       g/dL
hemoglobin           90      g/L
egfr                 60      mL/min/{1.73_m2}
creatinine_clearance 60      mL/min
creatinine           1.5     mg/dL
creatinine           132     umol/L
albumin              30      g/L
glucose              7       mmol/L
glucose              126     mg/dL
fev1_fvc             0.7     1
fev1_fvc             70      %
hba1c                8       %
hba1c                64      mmol/mol
age                  18      a
bilirubin_total      2       refused
calcium              10      refused
bun                  20      refused
magnesium            2       refused
phosphate            2       refused
troponin_i           0.04    refused
testosterone         50      refused
iron                 60      refused
crp                  10      refused
weight               50      refused
tumor_size           5       refused
life_expectancy      3       refused
hemoglobin           1000    refused
lvef                 0.5     refused
"""


@pytest.mark.parametrize(("variable", "value", "unit"), cells(MISSING))
def test_a_missing_unit_is_inferred_only_where_size_tells(variable: str, value: str, unit: str) -> None:
    assert assumed(variable, Decimal(value)) == (() if unit == "refused" else (unit,))


def test_hard_limits_catch_slips_of_unit() -> None:
    assert not plausible("hemoglobin", Fraction(124))
    assert not plausible("spo2", Fraction("0.97"))
    assert plausible("hemoglobin", Fraction("2.5"))
    assert plausible("spo2", Fraction(97))
    assert not plausible("platelets", canonical("platelets", Decimal(150000), "10*9/L"))
    assert not plausible("hemoglobin", canonical("hemoglobin", Decimal(8), "g/L"))
    assert not plausible("temperature", canonical("temperature", Decimal(98), "Cel"))


@pytest.mark.parametrize(
    ("variable", "value", "unit", "meant"),
    [
        ("hemoglobin", "8", "g/L", "g/dL"),
        ("creatinine", "1.5", "g/dL", "mg/dL"),
        ("cd4", "350", "/mL", "/uL"),
        ("creatinine", "200", "ug/L", "umol/L"),
        ("alt", "170", "U/mL", "U/L"),
        ("bilirubin_total", "17", "mmol/L", None),  # size tells no unit of bilirubin
        ("platelets", "100", "10*9/L", None),
        ("tumor_size", "6", "cm", None),
    ],
)
def test_a_slip_of_unit_is_suggested_only_where_one_unit_would_be_usual(
    variable: str, value: str, unit: str, meant: str | None
) -> None:
    assert slip(variable, Decimal(value), unit) == meant


def test_units_that_only_a_spelling_brings_are_shown_plainly() -> None:
    assert shown(Decimal("1.5"), "10*5/mm3") == (Decimal(150000), "/mm3")
    assert shown(Decimal("1.5"), "10*9/L") == (Decimal("1.5"), "10*9/L")


def test_units_are_read_without_loading_pint() -> None:
    code = (
        "import sys, screening.units as u; u.canonical('anc', u.Decimal(1), '10*9/L'); sys.exit('pint' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
