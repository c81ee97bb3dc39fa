"""From the stages of an exchange to entries: what is taken over, and what never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bouclier.footprint.model import Footprint, Span
from bouclier.oversight import (
    AdoptionEntry,
    DecisionEntry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReviewEntry,
    ShadowEntry,
    Standing,
    adoption_entry,
    decision_entry,
    erasure_entry,
    mark_entry,
    opening_entry,
    outcome_entry,
    parse_entry,
    principal_pseudonym,
    review_entry,
    shadow_entry,
)
from bouclier.oversight.entries_model import (
    AdoptedOrder,
    CandidateLoad,
    Law,
    OutcomeFootprint,
    PlacementWeights,
    ShadowVerdict,
)
from bouclier.terms.content import DataClass, EntityType, Finding, SensitiveText, TextPart
from bouclier.terms.errors import RequestError, StorageError
from bouclier.terms.exchange import (
    Answered,
    ChatRequest,
    Committed,
    Inspected,
    Permitted,
    Placed,
    Position,
    Received,
)
from bouclier.terms.law import (
    Budget,
    Case,
    Deployment,
    Duty,
    Exposure,
    LawStamp,
    Load,
    Openness,
    PolicyRef,
    Principal,
    Terms,
    Verdict,
    Weights,
)

TEXT = "Madame Perrichon, 01 99 00 12 34, demande un acte."
KEY = b"k" * 32
POSITION = Position(41, b"l" * 32, 42, b"r" * 32, ())
OWN = Deployment(
    "maison",
    "qwen",
    "mairie",
    "Mairie",
    "fr-own",
    True,
    Openness.OPEN,
    Exposure(True, ("FR",)),
    "FR",
    capabilities=("tools",),
    evaluations=("inspect-2026-03",),
    carbon_mg=90,
    qualifications=("hds@20270501",),
    service="mairie-inference",
    price_ueur=120,
)
FAR = Deployment(
    "outre-mer",
    "large",
    "inc",
    "Inc",
    "fr-par",
    False,
    Openness.CLOSED,
    Exposure(True, ("US",), ("us-cloud-act",), ("us-fisa",)),
)
STAMP = LawStamp("ab" * 32, "12" * 32, 3, 41, "cd" * 32)
LAW = Law(charter="ab" * 32, orders="12" * 32, registry="cd" * 32, root=3, timestamp=41)
POLICY = PolicyRef("accept-agents", "RGPD art. 6", "Les agents.", "Agents.")
YES = Verdict(OWN, True, (POLICY,), (Duty.PSEUDONYMISE,))
NO = Verdict(FAR, False, (), ())


def inspected(*, purpose: str = "etat-civil", declared: DataClass | None = None) -> Inspected:
    request = ChatRequest(
        model="auto",
        stream=False,
        raw=TEXT.encode(),
        body={"messages": [{"role": "user", "content": TEXT}]},
        parts=(TextPart(("messages", 0, "content"), SensitiveText(TEXT)),),
        uninspected=0,
        json_answer=False,
        detail=False,
        sourced=True,
        tokens=12,
    )
    findings = (
        Finding(7, 16, EntityType.PERSON, 0.9, "ner"),
        Finding(18, 32, EntityType.PHONE, 1.0, "shape"),
        Finding(0, 6, EntityType.PERSON, 0.5, "ner"),
    )
    received = Received("0f" * 16, Principal("Accueil Perrichon"), purpose, declared, request)
    case = Case(
        "agent",
        purpose,
        DataClass.PERSONAL,
        ("national-id",),
        safeguards=("dpia",),
        signals=("art5-c-social-scoring",),
        modalities=("image", "text"),
        capabilities=("tools",),
        day=20260921,
    )
    return Inspected(received, (findings, ()), case, 2, ("professional", "restricted"))


def permitted(
    exchange: Inspected | None = None,
    candidates: tuple[Verdict, ...] = (YES,),
    *,
    loads: dict[str, Load] | None = None,
    tried: tuple[str, ...] = (),
    registry: str = "cd" * 32,
) -> Permitted:
    exchange = exchange or inspected()
    case = replace(exchange.case, data_class=DataClass.SENSITIVE, labels=("civil-status", "national-id"))
    return Permitted(
        exchange,
        case,
        replace(STAMP, registry=registry),
        {},
        candidates,
        (NO,),
        loads or {},
        Terms("0f" * 16, weights=Weights(30_000, 7, 250), budget=Budget.WARN, tried=tried),
        considered=35,
        waited_ms=120,
    )


def decision(
    exchange: Permitted | None = None,
    *,
    chosen: Verdict | None = YES,
    spares: tuple[Verdict, ...] = (),
    sealed: str | None = None,
    review: str | None = None,
) -> bytes:
    return decision_entry(
        exchange or permitted(),
        chosen,
        spares,
        time_ms=1_790_000_000_000,
        principal_key=KEY,
        request_commitment=b"c" * 32,
        sealed=sealed,
        review=review,
    )


def answered(**changes: object) -> Answered:
    placed = Placed(permitted(), YES, ())
    committed = Committed(placed=placed, texts=(TEXT,), pseudonyms={}, salt=b"s" * 32, entry=b"{}", position=POSITION)
    plain = Answered(
        committed=committed,
        status=200,
        ending="complete",
        finish_reasons=("stop",),
        prompt_tokens=12,
        completion_tokens=5,
        restored=2,
        answer_commitment=b"a" * 32,
        first_token_ms=85,
        footprint=Footprint(Span(20_000, 75_000), Span(800, 4_200), Span(0, 0), "ecologits-0.11", "FR"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_decision_holds_all_that_deciding_again_needs() -> None:
    entry = parse_entry(decision())

    assert isinstance(entry, DecisionEntry)
    assert (entry.role, entry.purpose, entry.data_class, entry.labels) == (
        "agent",
        "etat-civil",
        "sensitive",
        ("civil-status", "national-id"),
    ), "as the charter's own data raise what the shield found"
    assert (entry.safeguards, entry.signals, entry.modalities) == (
        ("dpia",),
        ("art5-c-social-scoring",),
        ("image", "text"),
    )
    assert (entry.capabilities, entry.day, entry.sourced, entry.tokens) == (("tools",), 20260921, True, 12)
    own, far = entry.candidates
    assert (own.deployment, own.operator, own.site, own.own, own.openness, own.permitted) == (
        "maison",
        "mairie",
        "fr-own",
        True,
        "open",
        True,
    )
    assert (own.policies, own.duties, own.control) == (("accept-agents",), ("pseudonymise",), ("FR",))
    assert (far.foreign_laws, far.contested, far.known, far.permitted) == (
        ("us-cloud-act",),
        ("us-fisa",),
        True,
        False,
    )
    assert (entry.chosen, entry.law) == ("maison", LAW)
    assert (entry.considered, entry.waited_ms, entry.budget) == (35, 120, "warn")
    assert entry.weights == PlacementWeights(carbon_ms=250, exposure_ms=30_000, price_ms=7)
    assert (own.service, own.price_ueur, far.service, far.price_ueur) == ("mairie-inference", 120, "", None)
    assert (entry.declared, entry.markings, entry.uninspected) == (None, ("professional", "restricted"), 2)
    assert (own.country, far.country) == ("FR", None)
    assert (own.capabilities, own.carbon_mg, far.carbon_mg) == (("tools",), 90, None)
    assert (own.evaluations, own.qualifications) == (("inspect-2026-03",), ("hds@20270501",))
    assert (entry.tried, entry.sealed, entry.review) == ((), None, None)


def test_a_decision_tells_what_was_known_of_the_load_and_who_failed_before() -> None:
    loads = {
        "maison": Load(in_flight=3, slots=8, wait_ms=240, warm=True),
        "outre-mer": Load(in_flight=7, available=False, why="draining"),
    }
    entry = parse_entry(decision(permitted(loads=loads, tried=("b", "a"))))

    assert isinstance(entry, DecisionEntry)
    assert [candidate.load for candidate in entry.candidates] == [
        CandidateLoad(in_flight=3, slots=8, wait_ms=240, warm=True),
        None,
    ]
    assert entry.tried == ("b", "a")


def test_what_the_caller_declared_and_what_was_sealed_are_recorded() -> None:
    entry = parse_entry(decision(permitted(inspected(declared=DataClass.PUBLIC)), sealed="ef" * 32))

    assert isinstance(entry, DecisionEntry)
    assert (entry.declared, entry.sealed) == ("public", "ef" * 32)
    with pytest.raises(StorageError, match="sealed"):
        decision(sealed="ef")


def test_the_approval_that_a_decision_rests_on_is_recorded() -> None:
    entry = parse_entry(decision(review="0e" * 16))

    assert isinstance(entry, DecisionEntry)
    assert entry.review == "0e" * 16
    with pytest.raises(StorageError, match="review"):
        decision(review="Mme Perrichon")


def test_findings_are_counted_by_type() -> None:
    entry = parse_entry(decision())

    assert isinstance(entry, DecisionEntry)
    assert entry.findings == {"PERSON": 2, "PHONE": 1}


def test_no_word_of_the_exchange_and_no_name_is_in_its_entries() -> None:
    written = decision() + outcome_entry(answered(), law=STAMP, time_ms=1)

    for word in ("Perrichon", "Accueil", "01 99", "Madame", "acte"):
        assert word.encode() not in written


def test_a_principal_is_the_same_throughout_one_log_and_another_elsewhere() -> None:
    entry = parse_entry(decision())

    assert isinstance(entry, DecisionEntry)
    assert entry.principal == principal_pseudonym(KEY, "Accueil Perrichon")
    assert entry.principal != principal_pseudonym(b"K" * 32, "Accueil Perrichon")


def test_a_refusal_is_recorded_without_a_choice() -> None:
    entry = parse_entry(decision(chosen=None))

    assert isinstance(entry, DecisionEntry)
    assert entry.chosen is None


@pytest.mark.parametrize("purpose", ["", "Dossier de Mme Perrichon", "État-civil", "a" * 65, "etat\n", "-x"])
def test_a_purpose_that_is_free_text_is_the_callers_to_correct(purpose: str) -> None:
    with pytest.raises(RequestError) as caught:
        decision(permitted(inspected(purpose=purpose)))

    assert caught.value.param == "purpose"
    if purpose:
        assert purpose not in str(caught.value)


@pytest.mark.parametrize("choice", [{"chosen": NO}, {"spares": (NO,)}, {"spares": (YES,)}])
def test_a_choice_the_charter_did_not_permit_cannot_be_recorded(choice: dict[str, Verdict]) -> None:
    with pytest.raises(StorageError, match="not permitted"):
        decision(**choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("digest", ["", "ab" * 31, "AB" * 32, "ab" * 32 + "\n"])
def test_a_digest_out_of_form_cannot_be_recorded(digest: str) -> None:
    with pytest.raises(StorageError, match="registry"):
        decision(permitted(registry=digest))


def test_more_candidates_than_an_entry_holds_cannot_be_recorded() -> None:
    many = tuple(replace(YES, deployment=replace(OWN, name=f"{number:0200}")) for number in range(400))

    with pytest.raises(StorageError, match="more than 65535"):
        decision_entry(
            permitted(candidates=many),
            None,
            (),
            time_ms=0,
            principal_key=KEY,
            request_commitment=b"c" * 32,
        )


def test_an_outcome_points_to_its_decision() -> None:
    entry = parse_entry(outcome_entry(answered(), law=STAMP, time_ms=7))

    assert entry == OutcomeEntry(
        answer_commitment=(b"a" * 32).hex(),
        completion_tokens=5,
        decision_index=41,
        ending="complete",
        exchange="0f" * 16,
        finish_reasons=("stop",),
        first_token_ms=85,
        footprint=OutcomeFootprint(
            carbon_ug=(800, 4_200), energy_uwh=(20_000, 75_000), method="ecologits-0.11", zone="FR"
        ),
        law=LAW,
        prompt_tokens=12,
        restored=2,
        status=200,
        time=7,
    )


def test_what_an_upstream_says_freely_is_not_repeated() -> None:
    entry = parse_entry(
        outcome_entry(answered(finish_reasons=("Mme Perrichon", "length"), ending="Bonjour Mme"), law=STAMP, time_ms=7)
    )

    assert isinstance(entry, OutcomeEntry)
    assert entry.finish_reasons == ("other", "length")
    assert entry.ending == "error"


@pytest.mark.parametrize("count", [None, -1, 2**53, True, 1.5, "12"])
def test_a_token_count_that_is_no_count_is_unknown(count: object) -> None:
    entry = parse_entry(outcome_entry(answered(prompt_tokens=count, completion_tokens=count), law=STAMP, time_ms=7))

    assert isinstance(entry, OutcomeEntry)
    assert (entry.prompt_tokens, entry.completion_tokens) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"), [("status", 99), ("status", 600), ("restored", -1), ("answer_commitment", b"short")]
)
def test_an_outcome_out_of_form_cannot_be_recorded(field: str, value: object) -> None:
    with pytest.raises(StorageError, match=field):
        outcome_entry(answered(**{field: value}), law=STAMP, time_ms=7)


STANDING = Standing(law=lambda: STAMP, version="0.1.0", policy=None, interval_s=600)


def test_a_mark_says_what_is_in_force_and_what_is_promised() -> None:
    assert parse_entry(mark_entry("start", STANDING, time_ms=7)) == MarkEntry(
        interval_s=600, law=LAW, policy=None, time=7, version="0.1.0", what="start"
    )
    with pytest.raises(StorageError, match="version"):
        mark_entry("stop", replace(STANDING, version=""), time_ms=7)


def test_an_adoption_lists_orders_and_what_was_refused_each_once_and_in_order() -> None:
    written = adoption_entry(
        law=STAMP,
        orders=[("ue/1", "55" * 32), ("fr-protection/2026-014", "66" * 32)],
        refused=["88" * 32, "77" * 32, "88" * 32],
        expires_ms=9,
        territory="FR",
        time_ms=7,
    )

    assert parse_entry(written) == AdoptionEntry(
        expires=9,
        law=LAW,
        orders=(AdoptedOrder(digest="66" * 32, id="fr-protection/2026-014"), AdoptedOrder(digest="55" * 32, id="ue/1")),
        orders_count=2,
        refused=("77" * 32, "88" * 32),
        refused_count=2,
        territory="FR",
        time=7,
    )
    with pytest.raises(StorageError, match="territory"):
        adoption_entry(law=STAMP, orders=[], refused=[], expires_ms=None, territory="France", time_ms=7)


def test_an_adoption_of_a_thousand_orders_is_still_an_entry() -> None:
    orders = [(f"fr-protection/{number:04}{'x' * 20}", f"{number:064x}") for number in range(1000)]
    refused = [f"{number:064x}" for number in range(1000, 3000)]
    written = adoption_entry(law=STAMP, orders=orders, refused=refused, expires_ms=9, territory=None, time_ms=7)
    entry = parse_entry(written)
    assert isinstance(entry, AdoptionEntry)
    assert (len(entry.orders), entry.orders_count, len(entry.refused), entry.refused_count) == (400, 1000, 100, 2000)


def test_a_review_names_nobody() -> None:
    written = review_entry(
        exchange="0f" * 16, approved=True, reviewer="Mme Perrichon", principal_key=KEY, law=STAMP, time_ms=7
    )

    pseudonym = principal_pseudonym(KEY, "Mme Perrichon")
    assert parse_entry(written) == ReviewEntry(approved=True, exchange="0f" * 16, law=LAW, reviewer=pseudonym, time=7)


def test_what_a_charter_on_trial_would_have_decided_is_kept_beside_the_decision() -> None:
    written = shadow_entry(
        exchange="0f" * 16,
        decision_index=41,
        charter="99" * 32,
        verdicts=(YES, NO),
        chosen="maison",
        law=STAMP,
        time_ms=7,
    )

    assert parse_entry(written) == ShadowEntry(
        candidates=(
            ShadowVerdict(deployment="maison", duties=("pseudonymise",), permitted=True, policies=("accept-agents",)),
            ShadowVerdict(deployment="outre-mer", duties=(), permitted=False, policies=()),
        ),
        charter="99" * 32,
        chosen="maison",
        decision_index=41,
        exchange="0f" * 16,
        law=LAW,
        time=7,
    )


def test_an_opening_out_of_form_is_whoever_asks_to_correct() -> None:
    def opening(*, basis: str = "judicial-order-2026-17") -> bytes:
        return opening_entry(
            exchange="0f" * 16,
            record="ab" * 32,
            request="cd" * 32,
            requester="tribunal",
            basis=basis,
            law=STAMP,
            time_ms=7,
        )

    assert isinstance(parse_entry(opening()), OpeningEntry)
    with pytest.raises(RequestError) as caught:
        opening(basis="Affaire Perrichon")
    assert caught.value.param == "$.basis"
    assert "Perrichon" not in str(caught.value)


def test_an_erasure_of_a_damaged_file_cites_no_record() -> None:
    entry = parse_entry(erasure_entry(exchange="0f" * 16, record=None, due="2027-03-31", law=STAMP, time_ms=7))

    assert entry == ErasureEntry(due="2027-03-31", exchange="0f" * 16, law=LAW, record=None, time=7)
    with pytest.raises(StorageError, match="due"):
        erasure_entry(exchange="0f" * 16, record=None, due="tomorrow", law=STAMP, time_ms=7)
