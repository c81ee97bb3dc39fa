"""Keys whose maker gave them a recognisable head: a table, and nothing else.

A row says who issues the key, how it begins, and what follows: an alphabet, the least and the most of its characters,
and what comes after them if they are not the end. Lengths are those of the issuer with room above them, for issuers
lengthen their keys. Written in November 2026 from what issuers publish of their keys; GitLab's and Cloudflare's pages
were read again for it, the others are to be verified. A key without a head of its own is found by its name (`secrets`).
"""

from __future__ import annotations

from typing import NamedTuple

HEX = "0-9a-f"
UPPER = "0-9A-Z"
LOWER = "0-9a-z"
BASE62 = "0-9A-Za-z"
WORD = "0-9A-Za-z_"
BASE64URL = r"0-9A-Za-z_\-"
BASE64 = "0-9A-Za-z+/"
DOTTED = r"0-9A-Za-z._\-"

_UUID_TAIL = f"(?:-[{HEX}]{{4}}){{3}}-[{HEX}]{{12}}"


class Head(NamedTuple):
    """How the keys of one issuer begin, and what follows.

    Attributes:
        issuer: Who issues the key, in one word, as it is reported.
        heads: What the key begins with, as written.
        alphabet: The characters that follow the head, as the inside of a class.
        least: How many follow at least.
        most: How many follow at most.
        tail: An expression for what comes after them.
        wordlike: Whether names in code begin like that too.
    """

    issuer: str
    heads: tuple[str, ...]
    alphabet: str
    least: int
    most: int
    tail: str = ""
    wordlike: bool = False


HEADS: tuple[Head, ...] = (
    # Clouds and hosts
    Head("aws", ("AKIA", "ASIA", "ABIA", "ACCA"), UPPER, 16, 16),
    Head("aws-bedrock", ("ABSK",), BASE64, 100, 300, "={0,2}"),
    Head("aws-bedrock", ("bedrock-api-key-",), BASE64, 60, 2000, "={0,2}"),
    Head("google", ("AIza",), BASE64URL, 35, 35),
    Head("google", ("ya29.", "GOCSPX-"), BASE64URL, 20, 1000),
    Head("google", ("1//0",), BASE64URL, 40, 200),
    Head("google", ("GOOG1E",), UPPER, 50, 60),
    Head("alibaba", ("LTAI",), BASE62, 12, 30),
    Head("tencent", ("AKID",), BASE62, 32, 40),
    Head("yandex", ("AQVN", "YCAJE", "YCM"), BASE64URL, 20, 40),
    Head("scaleway", ("SCW",), UPPER, 17, 17),
    Head("exoscale", ("EXO",), HEX, 24, 26),
    Head("digitalocean", ("dop_v1_", "doo_v1_", "dor_v1_"), HEX, 64, 64),
    Head("heroku", ("HRKU-",), BASE64URL, 36, 80),
    Head("fly", ("fm1_", "fm2_", "fm1r_", "fm1a_", "fo1_"), "0-9A-Za-z_/+-", 43, 2000, "={0,3}"),
    Head("netlify", ("nfp_", "nfc_", "nfo_", "nfu_"), BASE62, 36, 40),
    Head("render", ("rnd_",), BASE62, 28, 40),
    Head("vercel", ("vercel_blob_rw_",), WORD, 30, 80),
    Head("cloudflare", ("cfk_", "cfut_", "cfat_"), BASE62, 40, 60),
    Head("cloudflare", ("v1.0-",), HEX, 24, 24, f"-[{HEX}]{{146}}"),
    Head("scalingo", ("tk-us-",), BASE64URL, 40, 60),
    Head("openshift", ("sha256~",), BASE64URL, 43, 43),
    Head("tailscale", ("tskey-",), BASE62, 3, 12, f"-[{BASE64URL}]{{15,90}}"),
    Head("defined-networking", ("dnkey-",), BASE62, 26, 26, f"-[{BASE62}]{{52}}"),
    # Forges, packages, builds
    Head("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), BASE62, 30, 255),
    Head("github", ("github_pat_",), WORD, 22, 255),
    Head(
        "gitlab",
        ("glpat-", "gloas-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glwt-",
         "glsoat-", "glffct-"),
        DOTTED, 18, 300,
    ),
    Head("gitlab", ("GR1348941",), BASE64URL, 20, 50),
    Head("gitlab", ("_gitlab_session=",), BASE62, 32, 32),
    Head("atlassian", ("ATATT3", "ATCTT3"), "0-9A-Za-z_=-", 60, 400),
    Head("atlassian", ("ATBB",), BASE62, 24, 60),
    Head("atlassian", ("ATTA",), HEX, 60, 72, "[0-9A-F]{0,8}"),
    Head("npm", ("npm_",), BASE62, 36, 36),
    Head("pypi", ("pypi-AgE",), BASE64URL, 50, 1000),
    Head("rubygems", ("rubygems_",), HEX, 48, 48),
    Head("crates", ("cio",), BASE62, 32, 32),
    Head("nuget", ("oy2",), LOWER, 43, 43),
    Head("clojars", ("CLOJARS_",), LOWER, 60, 60),
    Head("docker", ("dckr_pat_", "dckr_oat_"), BASE64URL, 24, 60),
    Head("jfrog", ("AKCp",), BASE62, 60, 80),
    Head("jfrog", ("cmVmd",), BASE62, 55, 70),
    Head(
        "jetbrains", ("perm:", "perm-"), BASE64, 4, 100,
        f"={{0,2}}\\.[{BASE64}]{{4,100}}={{0,2}}\\.[{BASE62}]{{20,80}}",
    ),
    Head("sonar", ("squ_", "sqp_", "sqa_"), HEX, 40, 40),
    Head("circleci", ("CCIPAT_", "CCIPRJ_"), BASE62, 20, 30, f"_[{HEX}]{{40}}"),
    Head("buildkite", ("bkua_", "bkcq_", "bkct_"), BASE62, 40, 80),
    Head("octopus", ("API-",), UPPER, 25, 34),
    Head("harness", ("pat.", "sat."), BASE64URL, 22, 22, f"\\.[{HEX}]{{24}}\\.[{BASE62}]{{20}}"),
    Head("pulumi", ("pul-",), HEX, 40, 40),
    Head("infracost", ("ico-",), BASE62, 32, 32),
    Head("sourcegraph", ("sgp_",), f"{HEX}_local", 40, 70),
    Head("sourcegraph", ("slk_",), HEX, 64, 64),
    Head("postman", ("PMAK-",), HEX, 24, 24, f"-[{HEX}]{{34}}"),
    Head("postman", ("PMAT-",), UPPER, 26, 26),
    Head("launchdarkly", ("api-", "sdk-"), HEX, 8, 8, _UUID_TAIL),
    Head("prefect", ("pnu_", "pnb_"), LOWER, 36, 36),
    Head("readme", ("rdme_",), LOWER, 70, 70),
    Head("wakatime", ("waka_",), HEX, 8, 8, _UUID_TAIL),
    Head("apify", ("apify_api_",), BASE62, 30, 50),
    # Vaults and identity
    Head("vault", ("hvs.", "hvb.", "hvr."), BASE64URL, 24, 300),
    Head("doppler", ("dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."), BASE62, 40, 50),
    Head("doppler", ("dp.st.",), BASE64URL, 2, 40, f"\\.[{BASE62}]{{40,50}}"),
    Head("1password", ("ops_eyJ",), BASE64URL, 200, 2000, "={0,2}"),
    Head(
        "1password", ("A3-",), UPPER, 6, 6,
        f"-(?:[{UPPER}]{{11}}|[{UPPER}]{{6}}-[{UPPER}]{{5}})(?:-[{UPPER}]{{5}}){{3}}",
    ),
    Head("okta", ("SSWS ",), BASE64URL, 30, 60),
    Head("authress", ("scauth_", "authress_"), BASE62, 5, 30, f"\\.[{BASE62}]{{4,6}}\\.[{DOTTED}]{{40,250}}"),
    Head("age", ("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-PQ-1"), UPPER, 50, 90),
    Head("jwt", ("eyJ",), BASE64URL, 8, 2000, f"\\.eyJ[{BASE64URL}]{{4,4000}}(?:\\.[{BASE64URL}]{{0,1000}})?"),
    Head(
        "jwt", ("eyJ",), BASE64URL, 12, 1000,
        f"\\.[{BASE64URL}]{{0,700}}\\.[{BASE64URL}]{{12,24}}\\.[{BASE64URL}]{{8,4000}}\\.[{BASE64URL}]{{20,24}}",
    ),
    # Models and their tools
    Head("openai", ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-"), BASE64URL, 20, 250),
    Head("anthropic", ("sk-ant-",), BASE64URL, 20, 250),
    Head("openrouter", ("sk-or-v1-",), HEX, 64, 64),
    Head("langfuse", ("sk-lf-",), HEX, 8, 8, _UUID_TAIL),
    Head("langsmith", ("lsv2_pt_", "lsv2_sk_"), HEX, 32, 32, f"_[{HEX}]{{10}}"),
    Head("hugging-face", ("hf_", "api_org_"), BASE62, 30, 60),
    Head("groq", ("gsk_",), BASE62, 40, 80),
    Head("xai", ("xai-",), BASE62, 40, 120),
    Head("perplexity", ("pplx-",), BASE62, 40, 80),
    Head("replicate", ("r8_",), BASE62, 30, 60),
    Head("cerebras", ("csk-",), LOWER, 40, 60),
    Head("nvidia", ("nvapi-",), BASE64URL, 50, 100),
    Head("together", ("tgp_v1_",), BASE64URL, 40, 60),
    Head("fireworks", ("fw_",), BASE62, 22, 40),
    Head("elevenlabs", ("sk_",), HEX, 48, 48),
    Head("pinecone", ("pcsk_",), WORD, 40, 100),
    Head("tavily", ("tvly-",), BASE64URL, 30, 60),
    Head("firecrawl", ("fc-",), HEX, 32, 32),
    Head("jina", ("jina_",), BASE64URL, 50, 80),
    Head("e2b", ("e2b_",), HEX, 40, 40),
    Head("daytona", ("dtn_",), HEX, 64, 64),
    Head("voyage", ("pa-",), BASE64URL, 40, 60),
    # Data
    Head("databricks", ("dapi", "dkea", "dose"), HEX, 32, 32, "(?:-[0-9])?"),
    Head("planetscale", ("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), DOTTED + "=", 32, 64),
    Head("supabase", ("sbp_",), HEX, 40, 40),
    Head("supabase", ("sbp_oauth_", "sb_secret_"), BASE64URL, 30, 60),
    Head("neon", ("napi_",), LOWER, 40, 80),
    Head("mongodb-atlas", ("mdb_sa_sk_",), BASE64URL, 40, 60),
    Head("clickhouse", ("4b1d",), BASE62, 38, 38),
    Head("aiven", ("AVNS_",), BASE64URL, 15, 40),
    Head("dbt", ("dbtc_", "dbtu_"), BASE64URL, 30, 60),
    Head("airtable", ("pat",), BASE62, 14, 14, f"\\.[{HEX}]{{64}}"),
    Head("confluent", ("cflt",), BASE64, 60, 60),
    # Watching
    Head("grafana", ("glsa_",), BASE62, 32, 32, f"_[{HEX}]{{8}}"),
    Head("grafana", ("glc_",), BASE64, 32, 400, "={0,2}"),
    Head("grafana", ("eyJrIjoi",), BASE64, 60, 400, "={0,2}"),
    Head("sentry", ("sntryu_",), HEX, 64, 64),
    Head("sentry", ("sntrys_",), BASE64, 60, 400, f"={{0,2}}_[{BASE64}]{{43}}"),
    Head("new-relic", ("NRAK-", "NRIQ-", "NRRA-", "NRII-", "NRSP-", "NRAL-"), BASE64URL, 24, 48),
    Head("new-relic", ("NRJS-",), HEX, 19, 19),
    Head("dynatrace", ("dt0c01.", "dt0s01.", "dt0s02.", "dt0s08.", "dt0s16."), "0-9A-Z-", 8, 40, f"\\.[{UPPER}]{{64}}"),
    Head("honeycomb", ("hcaik_", "hcbik_", "hcaic_", "hcamk_"), LOWER, 50, 80),
    Head("posthog", ("phx_", "phs_"), BASE62, 30, 60),
    Head("rootly", ("rootly_",), HEX, 64, 64),
    # Work, shops, payments
    Head(
        "slack", ("xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"),
        "0-9A-Za-z%.-", 10, 400,
    ),
    Head("slack", ("xapp-", "xwfp-", "xoxe.xoxb-", "xoxe.xoxp-"), "0-9A-Za-z-", 10, 250),
    Head("linear", ("lin_api_", "lin_oauth_", "lin_wh_"), BASE62, 32, 80),
    Head("notion", ("ntn_", "secret_"), BASE62, 43, 50),
    Head("clickup", ("pk_",), "0-9", 4, 12, f"_[{UPPER}]{{32}}"),
    Head("asana", ("2/", "1/"), "0-9", 10, 20, f"(?:/[0-9]{{10,20}})?:[{HEX}]{{32}}"),
    Head("figma", ("figd_", "figu_", "figo_"), BASE64URL, 38, 60),
    Head("contentful", ("CFPAT-",), BASE64URL, 40, 50),
    Head("typeform", ("tfp_",), DOTTED + "=", 40, 80),
    Head("mapbox", ("sk.eyJ", "tk.eyJ"), BASE64URL, 40, 400, f"\\.[{BASE64URL}]{{20,24}}"),
    Head("dropbox", ("sl.",), BASE64URL, 60, 2000),
    Head("adobe", ("p8e-",), BASE62, 32, 32),
    Head("frameio", ("fio-u-",), BASE64URL, 60, 70),
    Head("hubspot", ("pat-na1-", "pat-na2-", "pat-eu1-"), HEX, 8, 8, _UUID_TAIL),
    Head("salesforce", ("00D",), BASE62, 12, 15, "![0-9A-Za-z._]{60,200}"),
    Head("beamer", ("b_",), "0-9A-Za-z=_/-", 44, 44),
    Head("intra42", ("s-s4t2ud-", "s-s4t2af-"), HEX, 64, 64),
    Head("stripe", ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_", "sk_org_"), BASE62 + "+/=", 16, 250),
    Head("shopify", ("shpat_", "shpca_", "shppa_", "shpss_", "shptka_"), "0-9A-Fa-f", 32, 38),
    Head("square", ("sq0atp-", "sq0csp-", "sq0idp-"), BASE64URL, 22, 60),
    Head("square", ("EAAA",), BASE64URL, 56, 64),
    Head("paypal", ("access_token$production$", "access_token$sandbox$"), LOWER, 12, 20, f"\\$[{HEX}]{{32}}"),
    Head("adyen", ("AQE",), BASE64, 60, 200, f"={{0,2}}-[{BASE64}]{{40,50}}={{0,2}}-[^\\s\"'`,;]{{8,24}}"),
    Head("razorpay", ("rzp_live_", "rzp_test_"), BASE62, 14, 30),
    Head("flutterwave", ("FLWSECK-", "FLWSECK_TEST-"), LOWER, 12, 40, "(?:-X)?"),
    Head("gocardless", ("live_", "sandbox_"), BASE64URL, 36, 60, wordlike=True),
    Head("mollie", ("live_", "test_"), BASE62, 30, 40, wordlike=True),
    Head("checkout", ("sk_sbox_",), LOWER, 26, 40),
    Head("plaid", ("access-production-", "access-sandbox-", "access-development-"), HEX, 8, 8, _UUID_TAIL),
    Head("duffel", ("duffel_live_", "duffel_test_"), BASE64URL, 43, 43),
    Head("easypost", ("EZAK", "EZTK"), BASE62, 54, 54),
    Head("shippo", ("shippo_live_", "shippo_test_"), HEX, 40, 40),
    Head("settlemint", ("sm_aat_", "sm_pat_", "sm_sat_"), BASE62, 16, 40),
    # Mail and messages
    Head("sendgrid", ("SG.",), BASE64URL, 16, 32, f"\\.[{BASE64URL}]{{32,64}}"),
    Head("brevo", ("xkeysib-", "xsmtpsib-"), HEX, 64, 64, f"-[{BASE62}]{{16}}"),
    Head("mailgun", ("key-", "pubkey-"), HEX, 32, 32),
    Head("mailersend", ("mlsn.",), HEX, 64, 64),
    Head("resend", ("re_",), BASE62, 8, 8, f"_[{BASE62}]{{20,40}}"),
    Head("klaviyo", ("pk_",), HEX, 34, 34),
    Head("twilio", ("SK", "AC"), HEX, 32, 32),
    # The number of the application in base64, so a digit of ten's first letters; then a time, then a signature.
    Head(
        "discord", ("MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"), BASE64URL, 21, 26,
        f"\\.[{BASE64URL}]{{6,7}}\\.[{BASE64URL}]{{27,40}}",
    ),
    Head("facebook", ("EAA",), BASE62, 90, 300),
    Head("twitter", ("A" * 19,), "0-9A-Za-z", 1, 60, "%[0-9A-F]{2}[0-9A-Za-z%]{30,200}"),
)  # fmt: skip

# Passwords kept as the result of a one-way function: they are worth guessing at. Crypt(5), htpasswd(1), RFC 2307.
_CRYPT = "./0-9A-Za-z"
HASHES: tuple[Head, ...] = (
    Head("bcrypt", ("$2a$", "$2b$", "$2y$", "$2x$"), "0-9", 2, 2, f"\\$[{_CRYPT}]{{53}}"),
    Head("md5-crypt", ("$1$", "$apr1$"), _CRYPT, 1, 8, f"\\$[{_CRYPT}]{{22}}"),
    Head("sha-crypt", ("$5$", "$6$"), "=./0-9A-Za-z", 1, 20, f"(?:\\$[{_CRYPT}]{{1,16}})?\\$[{_CRYPT}]{{43,86}}"),
    Head("yescrypt", ("$y$", "$gy$", "$7$"), _CRYPT, 1, 12, f"\\$[{_CRYPT}]{{1,86}}\\$[{_CRYPT}]{{43}}"),
    Head(
        "argon2", ("$argon2id$", "$argon2i$", "$argon2d$"), "v=0-9mtp,$", 5, 40,
        f"[{BASE64}]{{8,90}}\\$[{BASE64}]{{16,200}}",
    ),
    Head(
        "django", ("pbkdf2_sha256$", "pbkdf2_sha1$", "scrypt$", "bcrypt_sha256$"), "0-9$", 3, 20,
        f"[{BASE64}./$]{{8,100}}\\$?[{BASE64}]{{20,200}}={{0,2}}",
    ),
    Head(
        "werkzeug", ("pbkdf2:sha256:", "pbkdf2:sha512:", "scrypt:"), "0-9:", 3, 20,
        f"\\$[{BASE62}]{{4,64}}\\$[{HEX}]{{40,128}}",
    ),
    Head(
        "ldap", ("{SSHA}", "{SHA}", "{SSHA256}", "{SSHA512}", "{SHA256}", "{SHA512}", "{SMD5}"),
        BASE64, 20, 120, "={0,2}",
    ),
)  # fmt: skip


class Inside(NamedTuple):
    """A key recognised by what stands inside it.

    Attributes:
        issuer: Who issues the key.
        mark: What is recognised, as written.
        before: An expression for what stands just before the mark.
        longest: How many characters that is at most.
        after: An expression for what stands just after it.
    """

    issuer: str
    mark: str
    before: str
    longest: int
    after: str


INSIDE: tuple[Inside, ...] = (
    Inside("telegram", ":AA", "[0-9]{8,10}", 10, f"[{BASE64URL}]{{32,34}}"),
    Inside("azure-ad", "Q~", "[0-9A-Za-z_~.]{3}[0-9]", 4, "[0-9A-Za-z_~.-]{31,34}"),
    Inside("azure-storage", "+ASt", f"[{BASE64}]{{76}}", 76, f"[{BASE64}]{{6}}=="),
    Inside("azure-batch", "+ABa", f"[{BASE64}]{{76}}", 76, f"[{BASE64}]{{6}}=="),
    Inside("azure-cosmos", "ACDb", f"[{BASE64}]{{76}}", 76, f"[{BASE64}]{{6}}=="),
    Inside("azure-event-hub", "+AEh", f"[{BASE64}]{{33}}", 33, f"[{BASE64}]{{6}}="),
    Inside("azure-service-bus", "+ASb", f"[{BASE64}]{{33}}", 33, f"[{BASE64}]{{6}}="),
    Inside("azure-relay", "+ARm", f"[{BASE64}]{{33}}", 33, f"[{BASE64}]{{6}}="),
    Inside("azure-search", "AzSe", f"[{BASE62}]{{42}}", 42, f"[{BASE62}]{{6}}"),
    Inside("azure-cache", "AzCa", f"[{BASE64}]{{33}}", 33, f"[{BASE64}]{{6}}="),
    Inside("azure-functions", "AzFu", f"[{BASE64URL}]{{44}}", 44, f"[{BASE64URL}]{{6}}=="),
    Inside("azure-devops", "AZDO", f"[{BASE62}]{{76}}", 76, f"[{BASE62}]{{4}}"),
    Inside("azure-ai", "JQQJ99", f"[{BASE62}]{{52}}", 52, f"[{BASE62}]{{20,30}}"),
    Inside("terraform", ".atlasv1.", f"[{BASE62}]{{14}}", 14, f"[{BASE64URL}]{{60,80}}"),
    Inside("mailchimp", "-us", f"[{HEX}]{{32}}", 32, "[0-9]{1,2}"),
    Inside("maxmind", "_mmk", "[0-9A-Za-z]{6}_[0-9A-Za-z]{29}", 36, ""),
    Inside("azure-sas", "&sig=", "", 0, "[0-9A-Za-z%/+]{40,60}=?"),
)  # fmt: skip
