"""Starts the whole sandbox in one directory, and ends it without a trace."""

from __future__ import annotations

import contextlib
import importlib
import os
import secrets
import shlex
import shutil
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from rolebrowser.identity.policy import Decision
from rolebrowser.sandbox import (
    cluster_endpoints,
    federation,
    gatekeeper,
    iam_pages,
    leftovers,
    mariadb,
    metadata,
    moto_world,
    org_search,
    plugin,
    saml,
    simulate,
    sts,
    world_database,
    world_files,
)
from rolebrowser.sandbox.certificates import Authority
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.fleet import Fleet
from rolebrowser.sandbox.front import Front
from rolebrowser.sandbox.gateway import Door, Gateways
from rolebrowser.sandbox.instance_keys import InstanceKeys
from rolebrowser.sandbox.inventory import Inventory
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.organisation import Guardrails
from rolebrowser.sandbox.postgres import PostgresServer
from rolebrowser.sandbox.sso import Sso
from rolebrowser.sandbox.world import (
    DATABASES,
    HOME_REGION,
    IDENTITY,
    SAML_PROVIDER,
    WorldDatabase,
)


class Sandbox:
    """A running sandbox.

    Attributes:
        exports: environment variables that point clients at it.
    """

    def __init__(self) -> None:
        self._undo = contextlib.ExitStack()
        self.exports: dict[str, str] = {}
        self._ledger = Ledger()
        self._clock = Clock()
        self._guardrails = Guardrails()
        self._secret = secrets.token_urlsafe(24)

    def start(self) -> None:
        """Bring everything up; ready when it returns. Raises SandboxError."""
        directory = Path(tempfile.mkdtemp(prefix="rolebrowser-sandbox-"))
        self._undo.callback(shutil.rmtree, directory, ignore_errors=True)
        with ThreadPoolExecutor(3) as pool:
            # The servers start in processes of their own while Python imports moto.
            starting = pool.submit(self._start_postgres)
            stocking = pool.submit(self._start_inventory)
            filling = pool.submit(self._start_moto)
            self._postgres = starting.result()
            behind, vpcs = filling.result()
            self._inventory = stocking.result()
        authority = Authority(directory)
        public = Authority(directory, "Amazon Root CA sandbox", "public-ca-bundle.pem")
        self._gateways = Gateways(
            tuple(_door(each) for each in DATABASES if self._inventory or not _mysql(each)),
            self._postgres,
            self._ledger,
            self._clock,
            authority,
            self._may_connect,
            self._inventory,
            public,
        )
        self._gateways.start()
        self._undo.callback(self._gateways.stop)
        moto_world.databases(self._gateways.ports)
        fleet = Fleet(vpcs, self._gateways.find)
        self._undo.callback(fleet.stop)
        keys = InstanceKeys(directory / "instance-keys")
        self._expired_key()
        token_file = directory / "web-identity-token"
        provider = saml.Provider(SAML_PROVIDER, "https://idp.corp.example.com/metadata")
        self._sts = service = sts.Sts(
            self._ledger, self._clock, token_file, self._guardrails, provider
        )
        self._sso = Sso(self._clock, service)
        self._front = Front(
            behind,
            self._ledger,
            self._clock,
            service,
            self._control,
            self._secret,
            (
                fleet.answer,
                keys.answer,
                cluster_endpoints.answer,
                simulate.Simulator(self._guardrails).answer,
                org_search.answer,
            ),
            (
                federation.Federation(self._ledger, self._clock),
                self._sso,
                metadata.Metadata(service),
            ),
            self._guardrails,
        )
        self._undo.callback(leftovers.sweep, Path.home() / ".aws", self._issued)
        port = self._serve(self._front)
        self._write_files(directory, token_file, authority.bundle, public.bundle)
        self._export(directory, port, authority.bundle)

    def stop(self) -> None:
        """End everything: processes, threads, files."""
        self._undo.close()

    def _issued(self, entry: dict[str, Any]) -> bool:
        """Whether a cache entry is of a session or an SSO client of this sandbox's."""
        keys = entry.get("Credentials")
        key = str(keys.get("AccessKeyId")) if isinstance(keys, dict) else ""
        return self._ledger.find(key) is not None or self._sso.knows(str(entry.get("clientId")))

    def _may_connect(self, credential: Credential, arn: str) -> bool:
        now, limits = self._clock.now(), self._guardrails.levels(credential.account)
        answer = gatekeeper.decide(credential, "rds-db:connect", arn, now, scps=limits)
        return answer.decision is Decision.ALLOW

    def _start_postgres(self) -> PostgresServer:
        server = PostgresServer.start()
        self._undo.callback(server.stop)
        world_database.build(server)
        return server

    def _start_moto(self) -> tuple[Any, moto_world.Vpcs]:
        """Its application, with people and networks in it, and what is found of the networks."""
        application = _moto_application()
        moto_world.people(self._ledger)
        return application, moto_world.networks()

    def _start_inventory(self) -> Inventory | None:
        """The MariaDB, where there is one on this machine."""
        if not mariadb.available():
            return None
        inventory = Inventory()
        self._undo.callback(inventory.stop)
        return inventory

    def _serve(self, application: Any) -> int:
        from werkzeug.serving import WSGIRequestHandler, make_server

        clock = self._clock

        class Quiet(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp: float | None = None) -> str:
                """The Date header of every answer: the sandbox's time, not the machine's."""
                return format_datetime(clock.now(), usegmt=True)

            def make_environ(self) -> Any:
                """Also with the portal's header: WSGI servers drop names with an underscore."""
                environ = super().make_environ()
                bearer = self.headers.get("x-amz-sso_bearer_token")
                return environ | ({"HTTP_X_AMZ_SSO_BEARER_TOKEN": bearer} if bearer else {})

            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
                """Requests carry signatures; they are nobody's to keep."""

        server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        vars(server)["daemon_threads"] = True
        threading.Thread(target=server.serve_forever, name="aws", daemon=True).start()
        self._undo.callback(server.server_close)
        self._undo.callback(server.shutdown)
        return server.server_port

    def _expired_key(self) -> None:
        self._ledger.add(
            Credential(
                world_files.EXPIRED_KEY,
                world_files.EXPIRED_SECRET,
                IDENTITY,
                f"arn:aws:iam::{IDENTITY}:user/alice",
                token=world_files.EXPIRED_TOKEN,
                expires_at=self._clock.now(),
                mfa=False,
            )
        )

    def _write_files(
        self, directory: Path, token_file: Path, bundle: Path, public_bundle: Path
    ) -> None:
        run = f"sandbox-{secrets.token_hex(4)}"
        config = world_files.aws_config(str(directory), sys.executable, run)
        texts = {
            directory / "aws-config": config,
            directory / "aws-credentials": world_files.aws_credentials(),
            directory / "credential_process.py": world_files.credential_process(),
            directory / "config.toml": world_files.config_toml(
                str(bundle),
                str(public_bundle),
                proxies={
                    each.hosts[0][0]: self._gateways.ports[each.id]
                    for each in DATABASES
                    if each.kind == "proxy"
                },
                inventory=self._inventory is not None,
            ),
            token_file: f"token.example.com|{secrets.token_urlsafe(16)}\n",
        }
        for path, text in texts.items():
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
        program = directory / "bin" / "session-manager-plugin"
        program.parent.mkdir(mode=0o700)
        script = shlex.join([sys.executable, "-I", "-S", plugin.__file__])
        program.write_text(f'#!/bin/sh\nexec {script} "$@"\n', encoding="utf-8")
        program.chmod(0o700)

    def _export(self, directory: Path, port: int, bundle: Path) -> None:
        self.exports = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_CONFIG_FILE": str(directory / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(directory / "aws-credentials"),
            "AWS_DEFAULT_REGION": HOME_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "ROLEBROWSER_CONFIG": str(directory / "config.toml"),
            "SANDBOX_DIRECTORY": str(directory),
            "SANDBOX_CA_BUNDLE": str(bundle),
            "SANDBOX_PG_DSN": self._postgres.dsn("orders"),
            "SANDBOX_CONTROL": self._secret,
        }
        if self._inventory is not None:
            self.exports["SANDBOX_MYSQL_DSN"] = self._inventory.server.dsn("inventory")

    def _control(self, name: str, body: dict[str, Any]) -> object:
        """What `/_sandbox/NAME` does; see `control.SandboxControl`."""
        match name:
            case "expire":
                return self._ledger.expire(self._clock.now(), role=body.get("role", ""))
            case "clock":
                self._clock.advance(float(body["seconds"]))
                return self._clock.now().isoformat()
            case "throttle" | "latency" | "mfa":
                self._aws_fault(name, body)
            case "scp":
                self._guardrails.attach(body["account"], body["policy"])
            case "fault":
                self._gateways.fault(body.pop("database"), **body)
            case "drop":
                return self._gateways.drop(body["database"])
            case "stop-server":
                self._postgres.kill()
            case "saml" | "sso":
                people = {
                    "saml": lambda given: self._sts.assertion(**given),
                    "sso": self._sso.control,
                }
                return people[name](body)
            case "refusals":
                return self._gateways.refusals
            case _:
                raise ValueError(f"no such control: {name}")
        return None

    def _aws_fault(self, name: str, body: dict[str, Any]) -> None:
        match name:
            case "throttle":
                self._front.throttle = int(body["requests"])
            case "latency":
                self._front.latency = float(body["seconds"])
            case "mfa":
                self._sts.one_time_codes = body["one_time_codes"]


def _door(database: WorldDatabase) -> Door:
    return Door(
        database.id,
        database.account,
        database.region,
        database.resource_id,
        database.iam_auth,
        database.hosts,
        open=database.status == "available",
        mysql=_mysql(database),
        proxy=database.kind == "proxy",
        # DescribeDBProxies tells no port: clients take it to be PostgreSQL's own.
        port=5432 if database.kind == "proxy" else 0,
    )


def _mysql(database: WorldDatabase) -> bool:
    return database.engine in ("mysql", "mariadb", "aurora-mysql")


def _moto_application() -> Any:
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
    # EC2's tables of instance types take longest to read; unasked they would be read last, alone.
    importlib.import_module("moto.ec2")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    iam_pages.install()
    return DomainDispatcherApplication(create_backend_app)
