"""Concepts: the data are sound, and records match as a coder would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening import concepts
from screening.concepts import (
    by_case_name,
    by_name,
    catalogue,
    is_malignancy,
    is_other_malignancy,
    is_secondary,
    matches,
    modifiers,
    modifiers_by_name,
    narrower,
    past_only,
    variants,
    weak_names,
)

CONCEPTS = sorted(catalogue())
ICD_FIELDS = ("icd10", "icd10_exclude", "icd10_exact", "icd10_possible", "icd10_history")
WHO_ONLY = {  # in WHO ICD-10 or in older ICD-10-CM, sent by real feeds, absent from ICD-10-CM 2026
    *("B21", "B22", "B23", "B24", "G41", "J46", "Z35", "C97", "E12", "E14", "Z22.51", "Z22.5", "Z22.52", "U07.2"),
    *("E14.9", "E12.9"),
}
KINDS = {"condition", "drug", "procedure", "allergy", "state"}
LISTS = {"condition", "medication", "procedure", "allergy"}


def icd(concept: str, code: str, text: str = "") -> str:
    return matches(concept, [("icd10cm", code)], text)


@pytest.mark.parametrize("id", CONCEPTS)
def test_every_concept_is_well_formed(id: str) -> None:
    concept = catalogue()[id]
    assert concept.kind in KINDS
    assert set(concept.lists) <= LISTS
    assert {*concept.parents, *concept.either} <= set(catalogue())
    assert id not in narrower(id)
    assert concept.source
    assert concept.pertains in (None, "female", "male")
    assert concept.weak_names <= {*concept.case_names, *concept.names, *concept.narrower_names}


def test_a_name_belongs_to_one_concept() -> None:
    owners: dict[str, set[str]] = {}
    for concept in catalogue().values():
        for name in (*(n.casefold() for n in concept.names), *concept.case_names):
            owners.setdefault(name, set()).add(concept.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_there_are_enough_of_them() -> None:
    assert len(catalogue()) >= 300
    assert len(by_name()) >= 10_000


@pytest.fixture(scope="module")
def terminology() -> object:
    return pytest.importorskip("simple_icd_10_cm")


def _is_code(cm: object, code: str) -> bool:
    """Whether ICD-10-CM has the code, or, for a decade of categories ("B3"), any category in it."""
    if len(code) == 2:
        return any(cm.is_valid_item(f"{code}{digit}") for digit in "0123456789")  # type: ignore[attr-defined]
    return bool(cm.is_valid_item(code))  # type: ignore[attr-defined]


def _gaps(concept: concepts.Concept) -> list[str]:
    """Codes as written, without those a range was spelled out to."""
    return [code for field in ICD_FIELDS for code in getattr(concept, field) if len(code) > 3]


def test_the_codes_exist_in_icd_10_cm(terminology: object) -> None:
    codes = {(c.id, code) for c in catalogue().values() for code in _gaps(c)} - {("", "")}
    missing = {(id, code) for id, code in codes if code not in WHO_ONLY and not _is_code(terminology, code)}
    assert missing == set()


def test_every_concept_with_codes_has_one_that_exists(terminology: object) -> None:
    coded = [c for c in catalogue().values() if c.icd10 or c.icd10_exact]
    empty = [c.id for c in coded if not any(_is_code(terminology, code) for code in (*c.icd10, *c.icd10_exact))]
    assert empty == []


def test_prefixes_are_descendants(terminology: object) -> None:
    """The run time compares prefixes; the terminology's own tree gives the same."""
    for id in ("breast_cancer", "diabetic_complication", "hiv", "t_cell_lymphoma", "transplant_recipient"):
        concept = catalogue()[id]
        for prefix in concept.icd10:
            if terminology.is_valid_item(prefix):  # type: ignore[attr-defined]
                for code in terminology.get_descendants(prefix):  # type: ignore[attr-defined]
                    excluded = any(code.startswith(out) for out in concept.icd10_exclude)
                    assert icd(id, code) in (("no",) if excluded else ("yes", "possible"))


def test_oncotree_codes_exist() -> None:
    known = set(concepts.oncotree_parents()) | {"TISSUE"}
    used = {code for c in catalogue().values() for code in (*c.oncotree, *c.oncotree_exclude)}
    assert used <= known


@pytest.mark.parametrize(
    ("concept", "code", "verdict"),
    [
        ("breast_cancer", "C50.911", "yes"),
        ("breast_cancer", "C50911", "yes"),
        ("breast_cancer", "c50", "yes"),
        ("breast_cancer", "C79.81", "no"),
        ("breast_cancer", "D05.10", "no"),
        ("breast_cancer", "Z85.3", "yes"),
        ("neuroblastoma", "C74.90", "possible"),
        ("neuroblastoma", "C74.00", "no"),
        ("brain_metastasis", "C79.31", "yes"),
        ("brain_metastasis", "C79.32", "no"),
        ("brain_metastasis", "C79.3", "possible"),
        ("cns_metastasis", "C79.32", "yes"),
        ("liver_metastasis", "C78.7", "yes"),
        ("liver_metastasis", "C22.0", "no"),
        ("bone_metastasis", "C79.51", "yes"),
        ("bone_metastasis", "C79.52", "no"),
        ("bone_metastasis", "C79.5", "possible"),
        ("lung_metastasis", "C78.01", "yes"),
        ("lung_metastasis", "C34.10", "no"),
        ("hiv", "B20", "yes"),
        ("hiv", "B24", "yes"),
        ("hiv", "R75", "no"),
        ("hiv", "Z20.6", "no"),
        ("syphilis", "A53.9", "yes"),
        ("hbv_carrier", "Z22.51", "yes"),
        ("hbv_carrier", "B16.9", "no"),
        ("hepatitis_b", "B16.9", "yes"),
        ("cardiac_pacemaker", "Z95.0", "yes"),
        ("cardiac_pacemaker", "Z95.810", "possible"),
        ("transplant_recipient", "Z94.0", "yes"),
        ("transplant_recipient", "Z94.7", "no"),
        ("transplant_recipient", "Z94", "possible"),
        ("transplant_recipient", "Z76.82", "no"),
        ("t_cell_lymphoma", "C84.00", "yes"),
        ("t_cell_lymphoma", "C86.4", "no"),
        ("autoimmune_disease", "M31.1", "no"),
        ("autoimmune_disease", "E06.3", "yes"),
        ("active_infection", "J18.9", "possible"),
        ("active_infection", "B94.9", "no"),
        ("cachexia", "E88.A", "yes"),
        ("pleural_effusion", "J91.0", "yes"),
        ("pericardial_effusion", "I31.39", "yes"),
        ("seizures", "G40.909", "yes"),
        ("seizures", "R56.00", "no"),
        ("heart_failure", "I50.9", "yes"),
        ("heart_failure", "I42.0", "no"),
        ("hypertension", "I10", "yes"),
        ("hypertension", "I27.0", "no"),
        ("diabetes", "E14.9", "yes"),
        ("diabetic_complication", "E11.21", "yes"),
        ("diabetic_complication", "E11.9", "no"),
        ("diabetic_complication", "E11", "possible"),
        ("basal_cell_carcinoma", "C44.311", "yes"),
        ("basal_cell_carcinoma", "C44.321", "no"),
        ("basal_cell_carcinoma", "C44.31", "yes"),
        ("basal_cell_carcinoma", "C44.3", "possible"),
        ("cervical_cis", "D06.9", "yes"),
        ("cervical_cis", "C53.9", "no"),
        ("pregnancy", "Z33.1", "yes"),
        ("pregnancy", "Z33.2", "no"),
        ("pregnancy", "O24.410", "possible"),
    ],
)
def test_codes(concept: str, code: str, verdict: str) -> None:
    assert icd(concept, code) == verdict


def test_oncotree_walks_up_to_the_concept_and_stops_at_exclusions() -> None:
    assert matches("breast_cancer", [("oncotree", "IDC")], "") == "yes"
    assert matches("breast_cancer", [("oncotree", "DCIS")], "") == "no"
    assert matches("breast_cancer", [("oncotree", "BREAST")], "") == "possible"
    assert matches("neuroblastoma", [("oncotree", "NBL")], "") == "yes"
    assert matches("neuroblastoma", [("oncotree", "ONBL")], "") == "no"


@pytest.mark.parametrize(
    ("group", "own", "other"),
    [
        ("decongestants", "R01BA02", "R01AD08"),  # pseudoephedrine; fluticasone
        ("sulfonamides", "J01EC01", "J01EA01"),  # sulfamethoxazole; trimethoprim
        ("antispasmodics", "A03BB01", "A03FA01"),  # butylscopolamine; metoclopramide, which moves the gut
        ("phosphate_binders", "V03AE02", "V03AE09"),  # sevelamer; patiromer
        ("anti_vegf_eye", "S01LA04", "S01LA01"),  # ranibizumab; verteporfin
        ("growth_hormone", "H01AC01", "H01AC03"),  # somatropin; mecasermin
        ("triptans", "N02CC04", "N02CC08"),  # rizatriptan; lasmiditan
        ("vaginal_oestrogen", "", "G03CA03"),  # oestradiol by any route
        ("systemic_steroids", "H02AB06", "H02CA02"),  # prednisolone; osilodrostat
        ("antiretrovirals", "J05AE10", "J05AE30"),  # darunavir; nirmatrelvir and ritonavir
        ("antiretrovirals", "J05AF05", "J05AF10"),  # lamivudine; entecavir
        ("live_vaccine", "J07BK02", "J07BK03"),  # zoster, live; zoster, purified antigen
        ("immunoglobulin", "J06BA02", "J06BD01"),  # normal human; palivizumab
        ("low_molecular_weight_heparin", "B01AB05", "B01AB09"),  # enoxaparin; danaparoid
        ("direct_oral_anticoagulant", "B01AE07", "B01AE03"),  # dabigatran; argatroban
        ("thrombolytics", "B01AD02", "B01AD12"),  # alteplase; protein C
    ],
)
def test_a_group_of_drugs_holds_only_its_own(group: str, own: str, other: str) -> None:
    """The ATC index files unlike drugs under one heading; a record of one must not speak for the other."""
    assert not own or matches(group, [("atc", own)], "") == "yes"
    assert matches(group, [("atc", other)], "") == "no"


def test_drugs_match_by_atc_and_by_ingredient() -> None:
    assert matches("systemic_steroids", [("atc", "H02AB07")], "") == "yes"
    assert matches("systemic_steroids", [], "predniSONE 5 MG Oral Tablet") == "yes"
    assert matches("systemic_steroids", [], "Hydrocortisone 10 MG/ML Topical Cream") == "no"
    assert matches("furosemide", [], "10 ML Furosemide 10 MG/ML Injection") == "yes"
    assert matches("beta_blockers", [], "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet") == "yes"
    assert matches("opioids", [], "Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet") == "yes"
    assert matches("cyp3a4_inhibitors", [], "Itraconazole 100 MG Oral Capsule") == "yes"
    assert matches("cyp3a4_inducers", [("atc", "J04AB02")], "") == "yes"
    assert matches("cyp3a4_inducers", [("atc", "J02AC02")], "") == "no"
    assert matches("checkpoint_inhibitor", [("atc", "L01FF02")], "") == "yes"
    assert matches("checkpoint_inhibitor", [("atc", "L01XC02")], "") == "possible"
    assert matches("immunosuppressive_drugs", [("atc", "L04AD02")], "") == "yes"
    assert matches("chemotherapy", [("atc", "L01")], "") == "possible"


def test_text_counts_only_when_it_is_exactly_a_name() -> None:
    assert matches("brain_metastasis", [], "Brain metastases") == "yes"
    assert matches("brain_metastasis", [], "  brain   METASTASIS (disorder)") == "yes"
    assert matches("brain_metastasis", [], "no brain metastasis") == "no"
    assert matches("brain_metastasis", [], "brain metastasis excluded") == "no"
    assert matches("cns_metastasis", [], "Cerebral metastases") == "yes"
    assert matches("breast_cancer", [], "Malignant tumour") == "possible"


def test_a_text_that_contradicts_its_codes_is_only_possible() -> None:
    assert icd("breast_cancer", "C34.10", "Breast cancer") == "possible"
    assert matches("breast_cancer", [("snomed", "1")], "Breast cancer") == "yes"


def test_what_only_history_codes_say_is_past() -> None:
    assert past_only("breast_cancer", [("icd10cm", "Z85.3")])
    assert not past_only("breast_cancer", [("icd10cm", "C50.9")])
    assert not past_only("breast_cancer", [("icd10cm", "Z85.3"), ("icd10cm", "C50.9")])
    assert past_only("malignancy", [("icd10cm", "Z85.3")])


def test_malignancies() -> None:
    assert is_malignancy([("icd10cm", "C18.7")], "") == "yes"
    assert is_malignancy([("icd10cm", "C79.31")], "") == "no"
    assert is_malignancy([("icd10cm", "D05.10")], "") == "no"
    assert is_malignancy([("icd10cm", "I10")], "") == "no"
    assert is_secondary([("icd10cm", "C78.7")], "") == "yes"
    assert is_secondary([], "Liver metastases") == "yes"
    assert is_secondary([("icd10cm", "C22.0")], "") == "no"


def test_other_malignancies_are_neither_the_index_nor_excepted() -> None:
    index, excepted = ["breast_cancer"], ["basal_cell_carcinoma", "cervical_cis"]
    assert is_other_malignancy([("icd10cm", "C18.7")], "", index, excepted) == "yes"
    assert is_other_malignancy([("icd10cm", "C50.9")], "", index, excepted) == "no"
    assert is_other_malignancy([("icd10cm", "C44.311")], "", index, excepted) == "no"
    assert is_other_malignancy([("icd10", "C44.3")], "", index, excepted) == "possible"
    assert is_other_malignancy([("icd10cm", "D06.9")], "", index, excepted) == "no"
    assert is_other_malignancy([("icd10cm", "C78.7")], "", index, excepted) == "no"
    assert is_other_malignancy([("icd10cm", "C18.7")], "", []) == "possible"


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("brain metastases", "brain_metastasis"),
        ("metastases to the brain", "brain_metastasis"),
        ("allergies to biologics", "allergy_to_biologics"),
        ("HBV carriers", "hbv_carrier"),
        ("transplant recipients", "transplant_recipient"),
        ("t-cell lymphoma", "t_cell_lymphoma"),
        ("t cell lymphoma", "t_cell_lymphoma"),
        ("human immunodeficiency virus", "hiv"),
        ("autoimmune diseases", "autoimmune_disease"),
        ("acute myeloid leukemia", "aml"),
        ("pregnant or lactating women", "pregnant_or_breastfeeding"),
        ("parkinsons disease", "parkinsons"),
        ("parkinson disease", "parkinsons"),
        ("pleural effusions", "pleural_effusion"),
        ("dyspnea at rest", "dyspnoea_at_rest"),
        ("systemic steroids", "systemic_steroids"),
        ("cyp3a4 inducers or inhibitors", "cyp3a4_modulators"),
        ("participation in another clinical trial", "other_trial"),
        ("platelet transfusions", "platelet_transfusion"),
        ("anti-cancer medication", "anticancer_drug"),
        ("grapefruit juice", "grapefruit"),
    ],
)
def test_names_as_texts_write_them(name: str, concept: str) -> None:
    assert by_name()[name.casefold()] == concept


def test_abbreviations_keep_their_case_and_weak_ones_are_flagged() -> None:
    assert by_case_name()["HIV"] == "hiv"
    assert "all" not in by_name()
    assert {"ALL", "MS", "PE", "MI"} <= weak_names()


def test_hierarchies_by_code_and_by_parent() -> None:
    assert {"breast_cancer", "neuroblastoma"} - narrower("malignancy") == {"neuroblastoma"}  # no code of its own
    assert "brain_metastasis" in narrower("metastasis")
    assert "type_1_diabetes" in narrower("diabetes")
    assert "dexamethasone" in narrower("systemic_steroids")
    assert "tacrolimus" in narrower("immunosuppressive_drugs")
    assert "malignancy" not in narrower("breast_cancer")


@given(st.sampled_from(CONCEPTS), st.sampled_from(CONCEPTS))
def test_no_two_concepts_imply_each_other_by_declaration(one: str, other: str) -> None:
    if other in catalogue()[one].parents:
        assert one not in catalogue()[other].parents
        assert one in narrower(other)


@given(st.sampled_from(CONCEPTS), st.text(max_size=30))
def test_any_text_has_an_answer(concept: str, text: str) -> None:
    assert matches(concept, [("icd10", text), ("atc", text), ("oncotree", text)], text) in ("yes", "possible", "no")


@given(st.sampled_from(sorted(by_name())))
def test_a_name_alone_is_a_sure_match(name: str) -> None:
    concept = catalogue()[by_name()[name]]
    if not (concept.systemic and any(word in name for word in ("topical", "inhaled"))):
        assert matches(concept.id, [], name) == "yes"


@given(st.sampled_from(sorted(c for c in CONCEPTS if catalogue()[c].icd10)), st.data())
def test_a_narrower_concepts_code_never_denies_the_broader(id: str, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(catalogue()[id].icd10))
    for broad in catalogue()[id].parents:
        assert icd(broad, code) != "no"


def test_variants_follow_the_rules() -> None:
    assert variants("Crohn's disease") >= {"crohn's disease", "crohn disease", "crohns disease", "crohn's diseases"}
    assert "history of allergies to drugs" not in variants("allergy to drugs")


def test_modifiers_have_roles() -> None:
    roles = {modifier.role for modifier in modifiers().values()}
    assert roles == {"severity", "activity", "certainty", "history", "current", "negation", "family"}
    assert modifiers_by_name()["history of"] == ("history_of",)
    assert modifiers_by_name()["well controlled"] == ("controlled",)


def test_a_name_of_several_concepts_holds_when_one_of_them_does() -> None:
    either = by_name()["cardiac and pulmonary dysfunction"]
    assert catalogue()[either].either == ("cardiac_dysfunction", "pulmonary_dysfunction")
    assert icd(either, "I50.9") == "yes"
    assert icd(either, "J96.00") == "yes"
    assert icd(either, "K72.00") == "no"
    assert "pregnancy" in narrower("pregnant_or_breastfeeding")


def test_titles_are_not_names() -> None:
    assert {"national cancer institute", "new york heart association"} <= concepts.not_names()


def test_no_qualifier_hides_in_a_name() -> None:
    """ "Severe autoimmune disease" is the concept and a qualifier; as a name of the concept it would lose the word."""
    words = {name for name, ids in modifiers_by_name().items() if {modifiers()[id].role for id in ids} & {"severity"}}
    hidden = {
        name
        for concept in catalogue().values()
        for name in map(str.casefold, concept.names)
        for first, _, rest in [name.partition(" ")]
        if first in words and by_name().get(rest) == concept.id
    }
    assert hidden == set()
