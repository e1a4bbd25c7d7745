"""botocore with our cache, our question for MFA codes and our limits put in.

Imports botocore at the top: import this module inside the functions that need it.

What botocore decides (order, chains, requests) stays botocore's. What is replaced goes through
constructor arguments of its own classes, never by setting their attributes, so that a botocore
that changes them fails loudly instead of asking for codes on the terminal.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.compat
import botocore.configloader
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleProvider,
    CanonicalNameCredentialSourcer,
    ConfigProvider,
    CredentialResolver,
    EnvProvider,
    ProcessProvider,
    ProfileProviderBuilder,
    SharedCredentialProvider,
    create_credential_resolver,
)
from botocore.loaders import Loader

from rolebrowser.identity import caches
from rolebrowser.identity.container import Container
from rolebrowser.identity.credential_process import Runs, limited

CONNECT_TIMEOUT = 5
"""Seconds for one TCP connection to an AWS endpoint."""
READ_TIMEOUT = 10
"""Seconds without a byte of the answer."""


class _Loader(Loader):
    """Finds a service without looking into the directories of all the others: 16 ms a kind of file.

    (`botocore.loaders.Loader.load_service_model` only wants to know whether the name is there.)
    """

    def list_available_services(self, type_name: str) -> list[str]:
        """The services' names, whether or not they have a file of that kind."""
        places = [place for place in self.search_paths if os.path.isdir(place)]
        return sorted({each.name for place in places for each in os.scandir(place)})


# Service descriptions are megabytes of JSON; a second client costs 12 ms instead of 80 with them.
_LOADER = _Loader()


class _Parsed:
    """botocore's reading of config files, kept until the file changes.

    botocore reads both files anew for each session and some again for each provider: half a
    second each time with ten thousand profiles.
    """

    def __init__(self, parse: Callable[[str], dict[str, Any]]) -> None:
        self._parse = parse
        self._lock = threading.Lock()
        self._known: dict[str, tuple[tuple[int, int, int], dict[str, Any]]] = {}

    def __call__(self, name: str) -> dict[str, Any]:
        path = os.path.expanduser(os.path.expandvars(name))
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return self._parse(name)
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        with self._lock:
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known[1]
        parsed = self._parse(name)
        with self._lock:
            self._known[path] = (stamp, parsed)
        return parsed


_load_config = _Parsed(botocore.configloader.load_config)
_load_raw = _Parsed(botocore.configloader.raw_config_parse)


class _Session(botocore.session.Session):
    """A botocore session whose config files are read once per change.

    Attributes:
        duration: seconds wanted instead of the profile's duration_seconds; 0 = the profile's.
    """

    duration: int = 0
    _merged: dict[str, Any] | None = None

    @property
    def full_config(self) -> dict[str, Any]:
        """What `botocore.session.Session.full_config` gives."""
        if self._merged is None:
            self._merged = self._merge()
        return self._merged

    def _merge(self) -> dict[str, Any]:
        from botocore.exceptions import ConfigNotFound

        try:
            loaded = _load_config(str(self.get_config_variable("config_file")))
        except ConfigNotFound:
            loaded = {"profiles": {}}
        merged = {**loaded, "profiles": dict(loaded["profiles"])}
        try:
            extra = _load_raw(str(self.get_config_variable("credentials_file")))
        except ConfigNotFound:
            extra = {}
        for name, values in extra.items():
            merged["profiles"][name] = {**merged["profiles"].get(name, {}), **values}
        self._choose_duration(merged["profiles"])
        return merged

    def _choose_duration(self, profiles: dict[str, Any]) -> None:
        name = self.get_config_variable("profile") or "default"
        if self.duration and name in profiles:
            profiles[name] = {**profiles[name], "duration_seconds": str(self.duration)}


@dataclass(frozen=True)
class Ways:
    """What the resolver gets from us.

    Attributes:
        cache: cli/cache.
        ask: given botocore's prompt ("Enter MFA code for ARN: "), a code.
        runs: how a credential_process is run.
    """

    cache: caches.FileCache
    aws_dir: Path
    ask: Callable[[str], str]
    runs: Runs


def client_config() -> Config:
    """Time limits (seconds) and retries for every AWS call."""
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": READ_TIMEOUT,
        "retries": {"mode": "standard", "max_attempts": 3},
        "user_agent_appid": "rolebrowser",
    }
    return Config(**settings)


def patience() -> Config:
    """Retries for discovery: botocore's adaptive mode, which finds the pace AWS allows."""
    retries: Any = {"mode": "adaptive", "max_attempts": 8}
    return Config(retries=retries)


def open_session(
    profile: str = "", region: str = "", duration: int = 0
) -> botocore.session.Session:
    """A botocore session; endpoints, proxies and CA files as the profile has them.

    Args:
        profile: empty = AWS_PROFILE or the default. A named one drops keys of the environment.
        region: empty = botocore's: AWS_DEFAULT_REGION, then the profile's; AWS_REGION as the last.
        duration: seconds, in place of the profile's duration_seconds; 0 = the profile's.
    """
    session = _Session(profile=profile or None)
    session.duration = duration
    session.register_component("data_loader", _LOADER)
    session.set_default_client_config(client_config())
    region = region or session.get_config_variable("region") or os.environ.get("AWS_REGION", "")
    if region:
        session.set_config_variable("region", region)
    return session


def resolver(session: botocore.session.Session, ways: Ways) -> CredentialResolver:
    """botocore's resolver for the session's profile, in botocore's order."""
    cache: Any = ways.cache
    name = session.get_config_variable("profile") or "default"
    found = create_credential_resolver(session, cache=cache)
    explicit = session.instance_variables().get("profile") is not None
    builder = _builder(session, ways)
    ours = {each.METHOD: each for each in builder.providers(name, disable_env_vars=explicit)}
    by_method = {each.METHOD: each for each in found.providers}
    ours["container-role"] = container = Container()
    sources = [EnvProvider(), container, by_method["iam-role"]]
    ours["assume-role"] = AssumeRoleProvider(
        load_config=lambda: session.full_config,
        client_creator=_nested_client(session),
        cache=cache,
        profile_name=name,
        prompter=ways.ask,
        credential_sourcer=CanonicalNameCredentialSourcer(sources),
        profile_provider_builder=builder,
    )
    return CredentialResolver([ours.get(each.METHOD, each) for each in found.providers])


def _nested_client(session: botocore.session.Session) -> Callable[..., Any]:
    from botocore.utils import create_nested_client

    def create(service: str, **arguments: Any) -> Any:
        return create_nested_client(session, service, **arguments)

    return create


def _builder(session: botocore.session.Session, ways: Ways) -> ProfileProviderBuilder:
    sso_cache: Any = caches.opened(
        caches.sso_cache(ways.aws_dir), "%Y-%m-%dT%H:%M:%SZ", ways.runs.step
    )
    login_cache: Any = caches.FileCache(
        caches.login_cache(ways.aws_dir, os.environ), "%Y-%m-%dT%H:%M:%SZ"
    )

    class Builder(ProfileProviderBuilder):
        """Also builds the providers of each source profile."""

        def providers(self, profile_name: str, disable_env_vars: bool = False) -> list[Any]:
            """In botocore's order, those that read files or run commands being ours."""
            replaced: dict[str, Callable[[Any], Any]] = {
                "custom-process": lambda usual: ProcessProvider(
                    profile_name=profile_name,
                    load_config=lambda: session.full_config,
                    popen=limited(profile_name, ways.runs),
                ),
                "shared-credentials-file": lambda usual: SharedCredentialProvider(
                    session.get_config_variable("credentials_file"), profile_name, _load_raw
                ),
                "config-file": lambda usual: ConfigProvider(
                    session.get_config_variable("config_file"), profile_name, _load_config
                ),
            }
            usual = super().providers(profile_name, disable_env_vars=disable_env_vars)
            if getattr(botocore.compat, "EC", None) is None:
                from rolebrowser.identity.aws_login import CachedLogin

                settings = session.full_config.get("profiles", {}).get(profile_name, {})
                wanted = str(settings.get("login_session", ""))
                replaced["login"] = lambda each: CachedLogin(wanted, login_cache)
            return [
                replaced[each.METHOD](each) if each.METHOD in replaced else each for each in usual
            ]

    cache: Any = ways.cache
    return Builder(session, cache=cache, sso_token_cache=sso_cache, login_token_cache=login_cache)
