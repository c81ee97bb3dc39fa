"""Keys with a head of their own are found whole, whoever issues them; what only begins like one is left.

No key stands in this file: each is put together when the test runs, from a head and characters drawn with a fixed seed.
"""

from __future__ import annotations

import random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors.keys import DETECTORS
from bouclier.shield.detectors.secret_heads import HASHES, HEADS, INSIDE

SCANNER = ReScanner(DETECTORS)

ALPHABETS = {
    "h": digits + "abcdef",
    "l": digits + ascii_lowercase,
    "u": digits + ascii_uppercase,
    "w": digits + ascii_letters,
    "b": digits + ascii_letters + "+/",
    "r": digits + ascii_letters + "-_",
    "c": digits + ascii_letters + "./",
    "n": digits,
}
UUID = ("h8", "-", "h4", "-", "h4", "-", "h4", "-", "h12")

# Who issues it, then the pieces of an example: text as it is, or an alphabet and a count.
EXAMPLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("aws", ("AKIA", "u16")), ("aws", ("ASIA", "u16")), ("aws-bedrock", ("ABSK", "b128")),
    ("google", ("AIza", "r35")), ("google", ("ya29.", "r120")), ("google", ("GOCSPX-", "r28")),
    ("google", ("1//0", "r60")), ("google", ("GOOG1E", "u55")),
    ("alibaba", ("LTAI", "w20")), ("tencent", ("AKID", "w32")), ("yandex", ("AQVN", "r36")),
    ("scaleway", ("SCW", "u17")), ("exoscale", ("EXO", "h24")), ("digitalocean", ("dop_v1_", "h64")),
    ("heroku", ("HRKU-", "r60")), ("fly", ("fm2_", "w120")), ("netlify", ("nfp_", "w36")),
    ("render", ("rnd_", "w32")), ("vercel", ("vercel_blob_rw_", "w40")), ("cloudflare", ("cfut_", "w48")),
    ("cloudflare", ("v1.0-", "h24", "-", "h146")), ("scalingo", ("tk-us-", "r48")), ("openshift", ("sha256~", "w43")),
    ("tailscale", ("tskey-", "auth", "-", "w30")), ("defined-networking", ("dnkey-", "u26", "-", "u52")),
    ("github", ("ghp_", "w36")), ("github", ("gho_", "w36")), ("github", ("ghu_", "w36")), ("github", ("ghs_", "w36")),
    ("github", ("ghr_", "w76")), ("github", ("github_pat_", "w22", "_", "w59")),
    *(("gitlab", (head, "r19", "w1")) for head in (
        "glpat-", "gloas-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glwt-",
        "glsoat-", "glffct-", "GR1348941",
    )),
    ("gitlab", ("_gitlab_session=", "h32")),
    ("atlassian", ("ATATT3", "r180", "=", "u8")), ("atlassian", ("ATBB", "w32")), ("atlassian", ("ATTA", "h64")),
    ("npm", ("npm_", "w36")), ("pypi", ("pypi-AgE", "r150")), ("rubygems", ("rubygems_", "h48")),
    ("crates", ("cio", "w32")), ("nuget", ("oy2", "l43")), ("clojars", ("CLOJARS_", "h60")),
    ("docker", ("dckr_pat_", "r27")), ("jfrog", ("AKCp", "w69")), ("jfrog", ("cmVmd", "w59")),
    ("jetbrains", ("perm:", "b12", "=.", "b10", "==.", "w30")), ("sonar", ("squ_", "h40")),
    ("circleci", ("CCIPAT_", "w22", "_", "h40")), ("buildkite", ("bkua_", "h40")), ("octopus", ("API-", "u30")),
    ("harness", ("pat.", "w22", ".", "h24", ".", "w20")), ("pulumi", ("pul-", "h40")), ("infracost", ("ico-", "w32")),
    ("sourcegraph", ("sgp_", "h40")), ("postman", ("PMAK-", "h24", "-", "h34")), ("launchdarkly", ("sdk-", *UUID)),
    ("prefect", ("pnu_", "l36")), ("readme", ("rdme_", "l70")), ("wakatime", ("waka_", *UUID)),
    ("apify", ("apify_api_", "w36")),
    ("vault", ("hvs.", "r90", "w1")), ("doppler", ("dp.pt.", "w43")), ("doppler", ("dp.st.", "dev", ".", "w43")),
    ("1password", ("ops_eyJ", "w400")), ("1password", ("A3-", "u6", "-", "u11", "-", "u5", "-", "u5", "-", "u5")),
    ("okta", ("SSWS ", "00", "w40")), ("authress", ("scauth_", "l10", ".", "w4", ".", "w60")),
    ("age", ("AGE-SECRET-KEY-1", "u58")),
    ("jwt", ("eyJ", "w20", ".", "eyJ", "w30", ".", "r43")),
    ("jwt", ("eyJ", "w60", ".", "r120", ".", "w16", ".", "r80", ".", "w22")),
    ("openai", ("sk-", "w48")), ("openai", ("sk-proj-", "r120", "w1")),
    ("anthropic", ("sk-ant-", "api03-", "r93", "w2")),
    ("openrouter", ("sk-or-v1-", "h64")), ("langfuse", ("sk-lf-", *UUID)),
    ("langsmith", ("lsv2_pt_", "h32", "_", "h10")), ("hugging-face", ("hf_", "w34")), ("groq", ("gsk_", "w52")),
    ("xai", ("xai-", "w80")), ("perplexity", ("pplx-", "w48")), ("replicate", ("r8_", "w37")),
    ("cerebras", ("csk-", "l48")), ("nvidia", ("nvapi-", "r63", "w1")), ("together", ("tgp_v1_", "r42", "w1")),
    ("fireworks", ("fw_", "w24")), ("elevenlabs", ("sk_", "h48")), ("pinecone", ("pcsk_", "w6", "_", "w60")),
    ("tavily", ("tvly-", "w32")), ("firecrawl", ("fc-", "h32")), ("jina", ("jina_", "w60")), ("e2b", ("e2b_", "h40")),
    ("daytona", ("dtn_", "h64")), ("voyage", ("pa-", "r42", "w1")),
    ("databricks", ("dapi", "h32")), ("planetscale", ("pscale_tkn_", "r42", "w1")), ("supabase", ("sbp_", "h40")),
    ("neon", ("napi_", "l64")), ("mongodb-atlas", ("mdb_sa_sk_", "w40")), ("clickhouse", ("4b1d", "w38")),
    ("aiven", ("AVNS_", "w20")), ("dbt", ("dbtc_", "w40")), ("airtable", ("pat", "w14", ".", "h64")),
    ("confluent", ("cflt", "w60")),
    ("grafana", ("glsa_", "w32", "_", "h8")), ("grafana", ("glc_", "w100")), ("sentry", ("sntryu_", "h64")),
    ("sentry", ("sntrys_", "w100", "=_", "w43")), ("new-relic", ("NRAK-", "u27")),
    ("dynatrace", ("dt0c01.", "u24", ".", "u64")), ("honeycomb", ("hcaik_", "l58")), ("posthog", ("phx_", "w43")),
    ("rootly", ("rootly_", "h64")),
    ("slack", ("xoxb-", "n12", "-", "n12", "-", "w24")), ("slack", ("xapp-", "1-A", "u10", "-", "n12", "-", "h64")),
    ("linear", ("lin_api_", "w40")), ("notion", ("ntn_", "w46")), ("notion", ("secret_", "w43")),
    ("clickup", ("pk_", "n8", "_", "u32")), ("asana", ("2/", "n16", "/", "n16", ":", "h32")),
    ("figma", ("figd_", "r39", "w1")), ("contentful", ("CFPAT-", "r42", "w1")), ("typeform", ("tfp_", "w59")),
    ("mapbox", ("sk.eyJ", "w60", ".", "w22")), ("dropbox", ("sl.", "r135", "w1")), ("adobe", ("p8e-", "w32")),
    ("frameio", ("fio-u-", "r63", "w1")), ("hubspot", ("pat-eu1-", *UUID)), ("salesforce", ("00D", "w12", "!", "w90")),
    ("beamer", ("b_", "w44")), ("intra42", ("s-s4t2ud-", "h64")), ("stripe", ("sk_live_", "w24")),
    ("stripe", ("rk_test_", "w99")), ("stripe", ("whsec_", "w32")), ("shopify", ("shpat_", "h32")),
    ("square", ("sq0atp-", "w22")), ("square", ("EAAA", "w60")),
    ("paypal", ("access_token$production$", "l16", "$", "h32")), ("adyen", ("AQE", "b90", "==-", "b43", "=-", "w16")),
    ("razorpay", ("rzp_live_", "w14")), ("flutterwave", ("FLWSECK-", "h32", "-X")),
    ("gocardless", ("live_", "w10", "-", "w29")),
    ("mollie", ("live_", "w30")), ("checkout", ("sk_sbox_", "l27")), ("plaid", ("access-production-", *UUID)),
    ("duffel", ("duffel_live_", "r42", "w1")), ("easypost", ("EZAK", "w54")), ("shippo", ("shippo_live_", "h40")),
    ("settlemint", ("sm_aat_", "w16")),
    ("sendgrid", ("SG.", "r22", ".", "r42", "w1")), ("brevo", ("xkeysib-", "h64", "-", "w16")),
    ("mailgun", ("key-", "h32")), ("mailersend", ("mlsn.", "h64")), ("resend", ("re_", "w8", "_", "w24")),
    ("klaviyo", ("pk_", "h34")), ("twilio", ("SK", "h32")), ("discord", ("MT", "w24", ".", "r6", ".", "r37", "w1")),
    ("facebook", ("EAA", "w160")),
    ("twitter", ("A" * 22, "w8", "%2F", "w60")),
    ("telegram", ("n10", ":AA", "r32", "w1")), ("azure-ad", ("w3", "8Q~", "w34")),
    ("azure-storage", ("w76", "+ASt", "w6", "==")), ("azure-batch", ("w76", "+ABa", "w6", "==")),
    ("azure-cosmos", ("w76", "ACDb", "w6", "==")), ("azure-event-hub", ("w33", "+AEh", "w6", "=")),
    ("azure-service-bus", ("w33", "+ASb", "w6", "=")), ("azure-relay", ("w33", "+ARm", "w6", "=")),
    ("azure-search", ("w42", "AzSe", "w6")), ("azure-cache", ("w33", "AzCa", "w6", "=")),
    ("azure-functions", ("w44", "AzFu", "w6", "==")), ("azure-devops", ("w76", "AZDO", "w4")),
    ("azure-ai", ("w52", "JQQJ99", "w26")), ("azure-sas", ("&sig=", "w43", "%3D")),
    ("terraform", ("w14", ".atlasv1.", "w66")),
    ("mailchimp", ("h32", "-us", "n1")), ("maxmind", ("w6", "_", "w29", "_mmk")),
)  # fmt: skip

STORED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bcrypt", ("$2y$", "12$", "c53")), ("md5-crypt", ("$apr1$", "c8", "$", "c22")),
    ("sha-crypt", ("$6$", "c16", "$", "c86")), ("sha-crypt", ("$5$", "rounds=5000", "$", "c16", "$", "c43")),
    ("yescrypt", ("$y$", "j9T", "$", "c22", "$", "c43")),
    ("argon2", ("$argon2id$", "v=19$m=65536,t=3,p=4$", "b22", "$", "b43")),
    ("django", ("pbkdf2_sha256$", "600000$", "w22", "$", "b43", "=")),
    ("werkzeug", ("scrypt:", "32768:8:1", "$", "w16", "$", "h128")), ("ldap", ("{SSHA}", "b38", "==")),
)  # fmt: skip


def made(pieces: tuple[str, ...], seed: int = 7) -> str:
    drawn = random.Random(f"{seed}{pieces}")
    return "".join(
        "".join(drawn.choices(ALPHABETS[piece[0]], k=int(piece[1:])))
        if piece[0] in ALPHABETS and piece[1:].isdigit()
        else piece
        for piece in pieces
    )


def found(text: str) -> list[tuple[str, str, str]]:
    return [(one.type.value, text[one.start : one.end], one.validated_by) for one in SCANNER.scan(text)]


@pytest.mark.parametrize(("issuer", "pieces"), EXAMPLES, ids=lambda one: one if isinstance(one, str) else one[0])
@pytest.mark.parametrize(
    ("before", "after"), [("Voici la clef ", ", merci"), ('x = "', '"\n'), ("KEY=", "\n"), ("", "")]
)
def test_a_key_is_found_whole_with_its_issuer(issuer: str, pieces: tuple[str, ...], before: str, after: str) -> None:
    key = made(pieces)
    assert found(before + key + after) == [("API_KEY", key, f"key:{issuer}")]


@pytest.mark.parametrize(("_name", "pieces"), STORED, ids=lambda one: one if isinstance(one, str) else one[0])
def test_a_password_kept_as_a_hash_is_found_whole(_name: str, pieces: tuple[str, ...]) -> None:
    stored = made(pieces)
    assert found(f"alice:{stored}:19000:0:99999:7:::") == [("PASSWORD", stored, "hash")]


def test_every_issuer_of_the_table_has_its_example() -> None:
    assert {row.issuer for row in HEADS} | {row.issuer for row in INSIDE} == {issuer for issuer, _ in EXAMPLES}
    assert {row.issuer for row in HASHES} == {name for name, _ in STORED}


def test_the_secret_of_an_aws_key_is_found_near_its_identifier_only() -> None:
    identifier, secret = made(("AKIA", "u16")), made(("b40",))
    assert [value for _, value, _ in found(f"[default]\nid {identifier}\nsecret {secret}\n")] == [identifier, secret]
    assert found(f"secret {secret}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "sk-" + "a" * 30,
        "hf_" + "XXXXXXXXXXXX" * 3,
        "sk-fading-circle-with-twelve-dots",
        "sk_live_" + "your_key_goes_here",
        "test_" + "areadernamedthisfunctionwithoutspaces",
        "test_" + "virtualClassAttributeWithOneMetaclass",
        "npm_config_registry_is_set_by_the_user",
        "risk-averse and task-oriented people",
        "pat.tern matching in the-whole-of-the-language",
        "a class EAAProviderOfServicesForTheWholeOfTheApplicationAndItsDependenciesInEveryModuleOfTheProgramHere",
    ],
)
def test_what_only_begins_like_a_key_is_left(text: str) -> None:
    assert found(f"Voir {text} ici") == []


@pytest.mark.parametrize(
    "pieces",
    [
        ("sha256:", "h64"),
        ("sha512-", "b86", "=="),
        UUID,
        ("h40",),
        ("data:image/png;base64,iVBORw0KGgo", "b3000"),
        ("integrity sha384-", "b64"),
        ("commit ", "h40"),
        ("-----BEGIN CERTIFICATE-----\nAQEB", "b60", "\nAQEF", "b60", "\nEAAA", "b60"),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_digests_identifiers_and_images_are_no_keys(pieces: tuple[str, ...], seed: int) -> None:
    assert found(made(pieces, seed)) == []
