"""The settings of a service, read from the environment (`UNIONCAT_…`) and from files under its home.

Settings are read at entry points (`Settings.load()`) and passed down; nothing else looks at the environment.
Secrets come from their own variable or from a file that only its owner can read; they are never in settings.
"""

import difflib
import os
import secrets
import sys
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from unioncat.domain.target import DEFAULT_PORTS, TargetRules, endpoint

PREFIX = "UNIONCAT_"
FREE_PREFIXES = ("UNIONCAT_TEST_",)
"""Variables of the test suite; they are no settings."""
SECRETS = {
    "secret_key": "Key by which the credentials of sources are encrypted; at least 32 characters. Several,"
    " parted by spaces, while one takes the place of another: the first seals, all open.",
    "operator_token": "Bearer token of whoever runs the server, for the API only: may do everything.",
    "audit_key": "Key that seals the log of who did what; never changed, or older entries no longer verify.",
}
"""Every secret and what it is for; each is made at the first start when nobody gave it."""
BROUGHT = {
    "oidc_client_secret": "Secret that the provider of identities gave to this service, if it gave one.",
}
"""Secrets that come from somebody else: never made."""


class ConfigError(ValueError):
    """A setting that cannot be used; `remedy` says what to change."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def default_home() -> Path:
    """Give the folder of a service that was told nothing else.

    A checkout's own environment works on what `make run` made beside it; else the XDG base directory.
    """
    beside = Path(sys.prefix).parent / ".unioncat"
    if beside.is_dir() and (Path(sys.prefix).parent / "pyproject.toml").is_file():
        return beside
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "unioncat"


class Settings(BaseSettings):
    """Everything that can be set. Each field's variable is `UNIONCAT_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(
        default_factory=default_home,
        description="Folder of everything that the service keeps: database, search index, secrets, logs.",
    )
    database_url: str | None = Field(
        None,
        repr=False,
        description="PostgreSQL 15 or later, as `postgresql://user:password@host/database`. "
        "Not set: the service runs its own PostgreSQL under the home folder.",
    )
    database_pool: int = Field(
        5, ge=1, le=200, description="Database connections that one process keeps open at most."
    )
    database_memory_mb: int | None = Field(
        None,
        ge=16,
        le=1_000_000,
        description="Shared memory of the built-in PostgreSQL in megabytes. "
        "Not set: an eighth of the machine's memory, between 64 and 512.",
    )
    search_url: str | None = Field(
        None,
        repr=False,
        description="Address of a Meilisearch server, as `http://:KEY@host:7700#index`; key and index may be "
        "left out. Not set: the service keeps its own index under the home folder.",
    )
    host: str = Field("127.0.0.1", description="Address on which the web service listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the web service listens.")
    public_url: str | None = Field(
        None,
        description="Address under which readers and other systems reach the service. "
        "Not set: made from host and port.",
    )
    sample_port: int = Field(
        8710, ge=1, le=65000, description="First port of the sample libraries (`unioncat up --sample`)."
    )
    workers: int = Field(
        2, ge=1, le=64, description="Processes that normalise and compare records at the same time."
    )
    drop_folder: Path | None = Field(
        None,
        description="Folder with one folder for each source of protocol `files`, named by its code: files put"
        " there are read. Not set: `drop` under the home folder.",
    )
    upload_limit_mb: int = Field(
        200,
        ge=1,
        le=4096,
        description="Largest file in megabytes that a library may bring by page, API or CLI.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses of proxies, separated by commas, whose X-Forwarded headers are believed.",
    )
    certificate_proxies: str = Field(
        "",
        description="Addresses of proxies, separated by commas, that verify the client certificates of "
        "partner systems (ISO 18626) and tell of them. Not set: no certificate is believed.",
    )
    certificate_header: str = Field(
        "X-Client-Certificate-SHA256",
        description="Header in which those proxies give the SHA-256 of the certificate; they must drop it "
        "from whatever comes in.",
    )
    rate_limit: int = Field(
        1200,
        ge=0,
        le=1_000_000,
        description="Requests that one address, and one account by all its sessions and keys, may send to "
        "the web service in a minute; a quarter of them may change something. Requests from this machine "
        "itself are not counted. 0: no limit.",
    )
    demo: bool = Field(
        False,
        description="Whether anybody on this machine may sign in as a sample person by one click "
        "(`unioncat up --sample` sets it). Only while the service listens on a loopback address.",
    )
    smtp_url: str | None = Field(
        None,
        repr=False,
        description="Mail server, as `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. "
        "Not set: letters stay in the folder `mail` under home.",
    )
    mail_from: str | None = Field(
        None, description="Sender of letters. Not set: the contact address, else `unioncat@` this machine."
    )
    oidc_issuer: str | None = Field(
        None,
        description="Provider of identities (OpenID Connect) by which people may also sign in: "
        "its address exactly as it names itself, `https://…`. Not set: there is none.",
    )
    oidc_client_id: str | None = Field(
        None, description="Name under which the provider of identities knows this service."
    )
    oidc_label: str | None = Field(
        None, description="What the button for it says. Not set: the host of the provider."
    )
    oidc_second_factor: bool = Field(
        False,
        description="Whether a sign-in for which the provider says `mfa` (`amr`, RFC 8176) counts as one "
        "with a second factor. Otherwise our own is asked for.",
    )
    lending_keep_reader_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days after its end in which a loan still names its reader; then the reader's data are "
        "removed, and the figures stay. A library may choose its own number.",
    )
    audit_keep_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which entries of the log of who did what are cut, all but a sealed summary "
        "of them. At least 30. 0: never.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least grave messages that are logged."
    )
    log_format: Literal["console", "json"] = Field(
        "console", description="How log messages look: for people, or one JSON object a line."
    )
    contact: str | None = Field(
        None,
        description="E-mail address shown to member libraries in the requests that they get.",
    )

    allow_targets: str = Field(
        "",
        description="What sources may be read from although its address is not public, separated by commas: "
        "`koha.example.vn`, `10.1.2.3:8080`, `10.1.0.0/16`. A host with a port is the narrowest.",
    )
    allow_ports: str = Field(
        DEFAULT_PORTS,
        description="Ports at which sources may be read. Those of databases and of machine control stay "
        "closed unless `UNIONCAT_ALLOW_TARGETS` names them with their host.",
    )
    proxy_guards: bool = Field(
        False,
        description="Whether the proxy that `HTTP_PROXY` or `HTTPS_PROXY` names refuses private addresses "
        "itself. Until this is said, sources are not read through a proxy.",
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, mark, rest = value.partition("://")
        if not mark or scheme not in ("postgresql", "postgres", "postgresql+asyncpg"):
            raise ValueError("must begin with postgresql://")
        return f"postgresql+asyncpg://{rest}"

    @field_validator("search_url", "public_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/") if value else value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("smtp://", "smtps://")):
            raise ValueError("must begin with smtp:// or smtps://")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, host, _ = endpoint(value)
        here = host == "localhost" or host in ("127.0.0.1", "::1")
        if scheme != "https" and not (scheme == "http" and here):
            raise ValueError("must begin with https:// (http:// only for this machine itself)")
        if not host or "?" in value or "#" in value:
            raise ValueError("must be an address without ? and #")
        return value

    @field_validator("audit_keep_days")
    @classmethod
    def _long_enough(cls, value: int) -> int:
        if 0 < value < 30:
            raise ValueError("must be 0, or at least 30")
        return value

    @field_validator("contact", "mail_from")
    @classmethod
    def _email(cls, value: str | None) -> str | None:
        if value is not None and (value.count("@") != 1 or value.startswith("@") or value.endswith("@")):
            raise ValueError("must be an e-mail address")
        return value

    @field_validator("allow_targets")
    @classmethod
    def _targets(cls, value: str) -> str:
        TargetRules.of(value)
        return value

    @field_validator("allow_ports")
    @classmethod
    def _ports(cls, value: str) -> str:
        TargetRules.of(ports=value)
        return value

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the settings; `overrides` (command line options) win. Raise ConfigError with a remedy."""
        check_names(os.environ)
        try:
            return cls(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
        except ValidationError as error:
            raise explain(error.errors()[0]) from None

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_demo(self) -> bool:
        """Whether sample people may sign in: asked for, and nobody from outside can reach the service."""
        return self.demo and self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def mail_dir(self) -> Path:
        """Where letters wait, or stay where there is no mail server."""
        return self.home / "mail"

    @property
    def drop_dir(self) -> Path:
        """Folder with a folder for each source that takes files: what is put there is read."""
        return self.drop_folder or self.home / "drop"

    def secret(self, name: str) -> str:
        """Give a secret: from its variable, its file, or made and kept in `home/secrets/<name>`.

        A made secret is written once with mode 0600; two processes at once agree on the first.
        """
        if name not in SECRETS:
            raise KeyError(name)
        if given := os.environ.get(PREFIX + name.upper(), "").strip():
            return given
        path = self.secret_file(name)
        if not path.exists() and path.parent == self.home / "secrets":
            write_secret(path, secrets.token_urlsafe(32))
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"the secret {name} cannot be read: {path}: {error.strerror}",
                f"give {path} to the user that runs the service (mode 0600)",
            ) from None
        if not text:
            raise ConfigError(
                f"the secret file {path} is empty", f"restore it from a copy, or set {PREFIX}{name.upper()}"
            )
        return text

    def brought(self, name: str) -> str:
        """Give a secret that somebody else made, from its variable or its file; empty where there is none.

        Raises ConfigError where its file cannot be read.
        """
        if name not in BROUGHT:
            raise KeyError(name)
        if given := os.environ.get(PREFIX + name.upper(), "").strip():
            return given
        path = self.secret_file(name)
        if not path.exists() and not self.is_given(name):
            return ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"the secret {name} cannot be read: {path}: {error.strerror}",
                f"give {path} to the user that runs the service (mode 0600)",
            ) from None

    def secret_file(self, name: str) -> Path:
        """Name the file of a secret that no variable holds."""
        named = os.environ.get(f"{PREFIX}{name.upper()}_FILE", "").strip()
        return Path(named).expanduser() if named else self.home / "secrets" / name

    def is_given(self, name: str) -> bool:
        """Tell whether a secret comes from outside of the home folder, where it is not ours to change."""
        variable = PREFIX + name.upper()
        return any(os.environ.get(one, "").strip() for one in (variable, f"{variable}_FILE"))

    def operator_token(self) -> str:
        """Give the operator's token, made at the first start."""
        return self.secret("operator_token")


def write_secret(path: Path, value: str, *, replace: bool = False) -> None:
    """Write a secret whole or not at all, mode 0600; keep what stands there unless told to replace it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            if replace:
                draft.replace(path)
            else:
                os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the secret {path.name} cannot be written: {path}: {error.strerror}",
            f"make {path.parent} writable, or set {PREFIX}{path.name.upper()}",
        ) from None


def names() -> list[str]:
    """Give the variable of every setting."""
    return [PREFIX + name.upper() for name in Settings.model_fields]


def secret_names() -> list[str]:
    """Give the variables of every secret: of itself, and of a file that holds it."""
    given = [PREFIX + name.upper() for name in (*SECRETS, *BROUGHT)]
    return [*given, *(f"{name}_FILE" for name in given)]


def check_names(environment: os._Environ[str] | dict[str, str]) -> None:
    """Refuse a variable that looks like a setting and is none: a slip of the pen must not pass in silence."""
    known = {*names(), *secret_names()}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and not name.startswith(FREE_PREFIXES):
            near = difflib.get_close_matches(name, known, 1)
            raise ConfigError(
                f"{name} is no setting",
                f"write {near[0]}" if near else f"remove it; see {PREFIX}… in docs/settings.md",
            )


def explain(detail: ErrorDetails) -> ConfigError:
    """Say in words what is wrong with a setting."""
    field = str(detail["loc"][0]) if detail["loc"] else "?"
    variable = PREFIX + field.upper()
    if field not in Settings.model_fields:
        return ConfigError(f"{field} is no setting", "see docs/settings.md for their names")
    described = Settings.model_fields[field].description or ""
    reason = detail["msg"].removeprefix("Value error, ")
    shown = "" if field.endswith("_url") else f" is {detail['input']!r}:"
    return ConfigError(f"{variable}{shown} {reason}", f"change {variable}. {described}")


def document() -> str:
    """Write docs/settings.md out of the settings themselves."""
    lines = [
        "# Settings",
        "",
        "Made by `unioncat settings > docs/settings.md`; a test keeps it equal to `src/unioncat/config.py`.",
        "All settings are environment variables. A name that is not in this list is refused at start.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        if name == "home":
            default = "`~/.local/share/unioncat`"
        else:
            default = "" if field.default is None else f"`{field.default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    lines += [
        "",
        "## Secrets",
        "",
        "A secret comes from its variable; or from a file that the variable with `_FILE` at its end names;",
        "or from the file of its name in the folder `secrets` under home (mode 0600), made at first start",
        "unless it is somebody else's to make.",
        "",
        "| variable | file | meaning |",
        "|---|---|---|",
    ]
    for name, meaning in (SECRETS | BROUGHT).items():
        lines.append(f"| `{PREFIX}{name.upper()}` | `secrets/{name}` | {meaning} |")
    return "\n".join(lines) + "\n"
