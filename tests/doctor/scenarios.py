"""Every cause of shared/reference/rds-iam-auth.md that the sandbox can produce, produced."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from rolebrowser import config as configuration
from rolebrowser.cli.grants_why import explained
from rolebrowser.config import Config, Route, Timeouts
from rolebrowser.connect import open_target, prepare
from rolebrowser.doctor import Cause, Diagnosis, examine
from rolebrowser.errors import StatementError
from rolebrowser.grants.look import look
from rolebrowser.identity.prompts import MfaRequest, NobodyToAsk
from rolebrowser.sandbox.documents import deny, policy
from rolebrowser.sandbox.process import SandboxProcess
from rolebrowser.sandbox.world import IDENTITY, STAGING
from rolebrowser.target import Bookmark, Target

ORDERS = Target(
    profile="staging", database="orders-staging", user="app_oncall", dbname="orders_staging"
)
STAGING_ROLE = "arn:aws:iam::222222222222:role"
STOCK = Target(profile="staging", database="inventory", user="app_oncall", dbname="inventory")
REPORTS = Target(profile="staging", database="reports", user="app_oncall", region="us-east-1")
BASTION, OFFLINE = "i-0ba5710457a6e0001", "i-0de1e7ed57a6e0002"
PROXY = Target(profile="staging", database="orders-proxy", user="app_oncall")
BILLING = Target(profile="staging", database="billing", user="billing_app")


@dataclass
class Fumbling(NobodyToAsk):
    """Types a wrong code whenever asked."""

    def mfa_code(self, request: MfaRequest) -> str:
        return "000000"


@dataclass
class World:
    """The sandbox as one scenario needs it; everything is undone when the stack closes.

    Attributes:
        target: what is examined; a scenario's, unless making it tells where that is.
    """

    sandbox: SandboxProcess
    directory: Path
    config: Config
    undo: contextlib.ExitStack
    target: Target
    via: str = ""
    prompts: NobodyToAsk = field(default_factory=NobodyToAsk)

    def hasty(self) -> None:
        """What is silent is told by its silence: a second of it will do.

        For nothing else: on a busy machine a login that is none of the trouble takes longer.
        """
        self.config = replace(self.config, timeouts=Timeouts(connect=1.5))

    def fault(self, database: str, **changes: object) -> None:
        if "stall" in changes:
            self.hasty()
        calm = {name: type(value)() for name, value in changes.items()}
        self.sandbox.control("fault", database=database, **changes)
        self.undo.callback(self.sandbox.control, "fault", database=database, **calm)

    def sql(self, dbname: str, statement: str, undo: str = "") -> None:
        dsn = make_conninfo(self.sandbox.exports["SANDBOX_PG_DSN"], dbname=dbname)
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute(statement.encode())
        if undo:
            self.undo.callback(self.sql, dbname, undo)

    def guardrail(self, account: str, action: str) -> None:
        """A service control policy of the organization denies an action in an account."""
        self.sandbox.control("scp", account=account, policy=policy(deny(action)))
        self.undo.callback(self.sandbox.control, "scp", account=account, policy=None)

    def door(self, target: Target) -> str:
        """HOST:PORT on this machine of a database's front door."""
        return f"127.0.0.1:{prepare(target, config=self.config).endpoint.port}"

    def profile(self, text: str, credentials: str = "") -> None:
        for variable, more in (
            ("AWS_CONFIG_FILE", text),
            ("AWS_SHARED_CREDENTIALS_FILE", credentials),
        ):
            mine = self.directory / variable
            shutil.copy(os.environ[variable], mine)
            with mine.open("a") as file:
                file.write(more)
            self.environ(variable, str(mine))

    def environ(self, name: str, value: str | None) -> None:
        def restore(old: str | None = os.environ.get(name)) -> None:
            os.environ.pop(name, None)
            if old is not None:
                os.environ[name] = old

        self.undo.callback(restore)
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value

    def route(self, address: str) -> None:
        self.config = replace(self.config, routes=(Route("*", address),))

    def deaf(self) -> None:
        """A route to a port that answers no SYN: its listener's queue is full."""
        self.hasty()
        server = self.undo.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            filler = self.undo.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        self.route(f"127.0.0.1:{server.getsockname()[1]}")

    def closed(self) -> None:
        """A route to a port that refuses."""
        self.route(f"127.0.0.1:{self.taken()}")

    def taken(self) -> int:
        """A port that is held and refuses."""
        held = self.undo.enter_context(socket.socket())
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@dataclass(frozen=True)
class Scenario:
    """What is wrong, and what the doctor must say.

    Attributes:
        row: of the reference's table; 0 for what isn't in it.
        says: what its evidence and its fix have in them.
    """

    row: int
    cause: Cause
    target: Target
    name: str = ""
    make: Callable[[World], object] = lambda world: None
    says: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.row:02}-{self.name or self.cause.value}"


def _role(**settings: str) -> Callable[[World], None]:
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    return lambda world: world.profile(f"\n[profile patient]\nregion = eu-west-1\n{lines}")


def _keys(identifier: str, secret: str) -> Callable[[World], None]:
    return lambda world: world.profile(
        "\n[profile patient]\nregion = eu-west-1\n",
        f"\n[patient]\naws_access_key_id = {identifier}\naws_secret_access_key = {secret}\n",
    )


def _no_region(world: World) -> None:
    keys = "AKIASANDBOXALICE0001", "sandbox/alice+secret/key0000000000000001"
    world.profile(
        f"\n[profile patient]\nrole_arn = {STAGING_ROLE}/Developer\nsource_profile = raw\n",
        f"\n[raw]\naws_access_key_id = {keys[0]}\naws_secret_access_key = {keys[1]}\n",
    )
    world.environ("AWS_DEFAULT_REGION", None)


def _clock(seconds: float) -> Callable[[World], None]:
    def make(world: World) -> None:
        world.sandbox.control("clock", seconds=seconds)
        world.undo.callback(world.sandbox.control, "clock", seconds=-seconds)

    return make


def _throttled(world: World) -> None:
    world.sandbox.control("throttle", requests=10_000)
    world.undo.callback(world.sandbox.control, "throttle", requests=0)


def _aws_away(world: World) -> None:
    """Nobody listens where AWS should be; what was assumed before is of no use either."""
    world.environ("AWS_ENDPOINT_URL", f"http://127.0.0.1:{world.taken()}")


def _fumbling(world: World) -> None:
    world.prompts = Fumbling()


def _no_connect(world: World) -> None:
    world.sql("orders", "CREATE DATABASE closed", "DROP DATABASE closed")
    world.sql("orders", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC")


def _another_way(world: World) -> None:
    """A bookmark of a user who gets in, and can be asked about others."""
    other = Bookmark("reports", REPORTS)
    world.config = replace(world.config, bookmarks=(*world.config.bookmarks, other))
    world.via = other.name


def _no_programs(world: World) -> None:
    world.environ("PATH", str(world.directory))


def _plugin(world: World) -> None:
    """The sandbox's session-manager-plugin is installed."""
    directory = f"{world.sandbox.exports['SANDBOX_DIRECTORY']}/bin"
    world.environ("PATH", f"{directory}:{os.environ['PATH']}")


def _scp(account: str, action: str) -> Callable[[World], None]:
    return lambda world: world.guardrail(account, action)


def _scp_on_the_role(world: World) -> None:
    _role(role_arn=f"{STAGING_ROLE}/Developer", source_profile="engineer", role_session_name="scp")(
        world
    )
    world.guardrail(IDENTITY, "sts:AssumeRole")


def _known_from_elsewhere(world: World) -> None:
    """Somebody got into production before, from here, by a profile that may."""
    other = world.config.bookmark("orders-production")
    assert other is not None
    open_target(other.target, config=world.config).connection.close()


def _without_tls(world: World) -> None:
    where = world.door(ORDERS)
    url = f"postgresql://app_oncall@{where}/orders_staging?sslmode=disable"
    world.target = Target(url=url)


def _insecure_transport(world: World) -> None:
    world.fault("inventory", insists_on_tls=True)
    where = world.door(STOCK)
    world.target = Target(url=f"mysql://app_oncall@{where}/inventory?ssl-mode=DISABLED")


def _in_clear(world: World) -> None:
    """TLS that nobody has verified, and a server that wants the password as it is."""
    where = world.door(STOCK)
    world.target = Target(url=f"mysql://app_oncall@{where}/inventory?ssl-mode=REQUIRED")


def _proxy_without_its_roots(world: World) -> None:
    """The sandbox's proxy is no real one's: the system's store doesn't know its CA."""
    world.config = replace(world.config, proxy_ca_bundle="system")


def _no_bundle(world: World) -> None:
    """The file that ca_bundle names isn't there."""
    world.config = replace(world.config, ca_bundle="/nowhere/rds.pem")


def _fault(database: str, **changes: object) -> Callable[[World], None]:
    return lambda world: world.fault(database, **changes)


OF_PATIENT = replace(ORDERS, profile="patient")

SCENARIOS = (
    Scenario(1, Cause.SESSION_EXPIRED, replace(ORDERS, profile="expired-keys")),
    Scenario(2, Cause.SSO_LOGIN, replace(ORDERS, profile="corp-dev")),
    Scenario(
        3,
        Cause.ASSUME_ROLE,
        replace(ORDERS, profile="forbidden"),
        says=("the trust policy does not name the caller", "Both sides must agree"),
    ),
    Scenario(
        3,
        Cause.ASSUME_ROLE,
        replace(ORDERS, profile="vendor-without-id"),
        "external-id-missing",
        says=(
            "Vendor's trust policy lets engineer in with ExternalId vendor-7f3a only",
            "Set external_id = vendor-7f3a in the profile vendor-without-id",
        ),
    ),
    Scenario(4, Cause.MFA, replace(ORDERS, profile="production")),
    Scenario(5, Cause.MFA_CODE, replace(ORDERS, profile="production"), make=_fumbling),
    Scenario(
        6,
        Cause.DURATION,
        OF_PATIENT,
        make=_role(
            role_arn=f"{STAGING_ROLE}/Developer",
            source_profile="engineer",
            duration_seconds="20000",
        ),
    ),
    Scenario(7, Cause.KEYS, OF_PATIENT, "wrong-secret", _keys("AKIASANDBOXALICE0001", "wrong")),
    Scenario(7, Cause.KEYS, OF_PATIENT, "deleted-key", _keys("AKIAGONE000000000000", "whatever")),
    Scenario(8, Cause.CLOCK, ORDERS, "clock-behind", _clock(3_000)),
    Scenario(8, Cause.CLOCK, ORDERS, "clock-ahead", _clock(-3_000)),
    Scenario(9, Cause.REGION, OF_PATIENT, make=_no_region),
    Scenario(9, Cause.OTHER_REGION, replace(REPORTS, region="")),
    Scenario(9, Cause.NO_DATABASE, replace(ORDERS, database="ordres-staging")),
    Scenario(10, Cause.DESCRIBE, replace(ORDERS, profile="engineer")),
    Scenario(
        11,
        Cause.ORGANISATION,
        replace(ORDERS, role=f"{STAGING_ROLE}/team/Contractor"),
        "boundary-forbids-the-login",
    ),
    Scenario(11, Cause.ORGANISATION, OF_PATIENT, "scp-denies-the-role", _scp_on_the_role),
    Scenario(
        11,
        Cause.ORGANISATION,
        ORDERS,
        "scp-denies-looking",
        _scp(STAGING, "rds:DescribeDBClusters"),
    ),
    Scenario(
        11,
        Cause.ORGANISATION,
        replace(ORDERS, role=f"{STAGING_ROLE}/team/Contractor", user="app_oncall_ro"),
        "scp-denies-the-login",
        _scp(STAGING, "rds-db:connect"),
    ),
    Scenario(12, Cause.THROTTLED, ORDERS, make=_throttled),
    Scenario(13, Cause.DNS, replace(ORDERS, route="direct"), make=World.hasty),
    Scenario(14, Cause.TIMEOUT, ORDERS, make=World.deaf),
    Scenario(15, Cause.REFUSED, ORDERS, make=World.closed),
    Scenario(16, Cause.STATUS, Target(profile="staging", database="archive", user="app_oncall")),
    Scenario(17, Cause.UNTRUSTED, ORDERS, make=_fault("orders-staging", certificate="self-signed")),
    Scenario(
        17,
        Cause.UNTRUSTED,
        STOCK,
        "untrusted-mysql",
        _fault("inventory", certificate="self-signed"),
    ),
    Scenario(17, Cause.UNTRUSTED, PROXY, "untrusted-proxy", _proxy_without_its_roots),
    Scenario(0, Cause.BUNDLE, ORDERS, make=_no_bundle),
    Scenario(
        18,
        Cause.CERTIFICATE_NAME,
        ORDERS,
        make=_fault("orders-staging", certificate="wrong-name"),
    ),
    Scenario(
        18,
        Cause.CERTIFICATE_NAME,
        STOCK,
        "certificate-name-mysql",
        _fault("inventory", certificate="wrong-name"),
    ),
    Scenario(
        19,
        Cause.CERTIFICATE_EXPIRED,
        ORDERS,
        make=_fault("orders-staging", certificate="expired"),
    ),
    Scenario(
        19,
        Cause.CERTIFICATE_EXPIRED,
        STOCK,
        "certificate-expired-mysql",
        _fault("inventory", certificate="expired"),
    ),
    Scenario(20, Cause.NO_TLS, ORDERS, make=_fault("orders-staging", no_tls=True)),
    Scenario(20, Cause.NO_TLS, STOCK, "no-tls-mysql", _fault("inventory", no_tls=True)),
    Scenario(21, Cause.ENCRYPTION, ORDERS, make=_without_tls),
    Scenario(0, Cause.GARBAGE, ORDERS, make=_fault("orders-staging", garbage=True)),
    Scenario(0, Cause.GARBAGE, STOCK, "garbage-mysql", _fault("inventory", garbage=True)),
    Scenario(0, Cause.HUNG_UP, ORDERS, "stalls", _fault("orders-staging", stall=True)),
    Scenario(0, Cause.HUNG_UP, STOCK, "stalls-mysql", _fault("inventory", stall=True)),
    Scenario(0, Cause.HUNG_UP, ORDERS, "hangs-up", _fault("orders-staging", down=True)),
    Scenario(0, Cause.HUNG_UP, STOCK, "hangs-up-mysql", _fault("inventory", down=True)),
    Scenario(22, Cause.POLICY, replace(ORDERS, user="orders_app")),
    Scenario(
        22,
        Cause.IAM_REFUSED,
        replace(ORDERS, profile="staging-reader", user="app_oncall"),
        "policies-unreadable",
    ),
    Scenario(22, Cause.POLICY_DENIES, replace(ORDERS, user="rdsadmin")),
    Scenario(22, Cause.RESOURCE_ID, replace(ORDERS, user="analyst")),
    Scenario(23, Cause.IAM_OFF, Target(profile="staging", database="legacy", user="legacy_app")),
    Scenario(23, Cause.NOT_IAM_USER, BILLING),
    Scenario(24, Cause.NOLOGIN, replace(REPORTS, user="iam_users")),
    Scenario(24, Cause.NO_USER, replace(REPORTS, user="nobody"), make=_another_way),
    Scenario(23, Cause.PASSWORD, replace(REPORTS, user="nobody"), "no-way-to-look-inside"),
    Scenario(25, Cause.NO_DBNAME, replace(ORDERS, dbname="ordres")),
    Scenario(25, Cause.NO_CONNECT, replace(ORDERS, dbname="closed"), make=_no_connect),
    Scenario(
        26,
        Cause.FULL,
        replace(ORDERS, user="app_oncall"),
        make=lambda world: world.sql(
            "orders",
            "ALTER ROLE app_oncall CONNECTION LIMIT 0",
            "ALTER ROLE app_oncall CONNECTION LIMIT -1",
        ),
    ),
    Scenario(28, Cause.POLICY, replace(STOCK, user="dbadmin"), "policy-mysql"),
    # MySQL says the same of a schema that isn't there to whoever may not see it.
    Scenario(25, Cause.NO_CONNECT, replace(STOCK, dbname="mysql"), "no-schema-mysql"),
    Scenario(29, Cause.CLEARTEXT, STOCK, make=_in_clear),
    Scenario(30, Cause.ENCRYPTION, STOCK, "insecure-transport-mysql", _insecure_transport),
    Scenario(31, Cause.HOST_BLOCKED, STOCK, make=_fault("inventory", blocked=True)),
    Scenario(34, Cause.ROUTE_PROGRAM, replace(ORDERS, route="ssm"), make=_no_programs),
    Scenario(34, Cause.ROUTE_PROGRAM, replace(ORDERS, route="ssh:b"), "no-ssh", _no_programs),
    Scenario(34, Cause.ROUTE_TARGET, replace(ORDERS, route=f"ssm:{OFFLINE}"), make=_plugin),
    Scenario(
        34,
        Cause.ROUTE_TARGET,
        replace(STOCK, route="ssm:tag:Name=nobody"),
        "no-instance-mysql",
        _plugin,
    ),
    Scenario(
        34,
        Cause.ROUTE_DENIED,
        replace(ORDERS, profile="staging-reader", user="app_oncall_ro", route=f"ssm:{BASTION}"),
        make=_plugin,
    ),
    Scenario(
        0,
        Cause.OTHER_ACCOUNT,
        replace(ORDERS, database="orders-production"),
        make=_known_from_elsewhere,
    ),
    Scenario(0, Cause.AWS, ORDERS, make=_aws_away),
    Scenario(0, Cause.UNREACHABLE, ORDERS, make=lambda world: world.route("255.255.255.255")),
    Scenario(0, Cause.PROFILE, replace(ORDERS, profile="loop-a")),
    Scenario(0, Cause.PROFILE, replace(ORDERS, profile="staginng"), "no-such-profile"),
)


@contextlib.contextmanager
def world_of(sandbox: SandboxProcess, directory: Path, target: Target) -> Iterator[World]:
    """The environment must point at the sandbox already."""
    with contextlib.ExitStack() as undo:
        config = configuration.load()
        config = replace(config, timeouts=Timeouts(aws=60.0, connect=60.0))
        yield World(sandbox, directory, config, undo, target)


def examined(scenario: Scenario, sandbox: SandboxProcess, directory: Path) -> Diagnosis:
    with world_of(sandbox, directory, scenario.target) as world:
        scenario.make(world)
        return examine(world.target, config=world.config, via=world.via, prompts=world.prompts)


@dataclass(frozen=True)
class Refused:
    """A statement that is refused once one is in, and what must be said of it: behind the door
    the doctor ends, and what refuses says why itself.

    Attributes:
        names: words of what names the cause.
    """

    row: int
    name: str
    target: Target
    statement: str
    names: str

    @property
    def id(self) -> str:
        return f"{self.row:02}-{self.name}"


PERMISSION_DENIED = "42501"
PRODUCTION = Target(
    profile="production-readonly", database="orders-production", user="app_oncall", dbname="orders"
)
STOCKKEEPER = replace(STOCK, user="stock_app")
REFUSED = (
    Refused(32, "grants", PRODUCTION, "SELECT * FROM finance.salaries", "lacks USAGE on schema"),
    Refused(33, "read-only", ORDERS, "UPDATE sales.orders SET total = 1", "Read-only mode"),
    Refused(33, "read-only-mysql", STOCKKEEPER, "UPDATE items SET stock = 1", "Read-only mode"),
)


def named(refused: Refused) -> str:
    """What is said of a refused statement: its own advice; where a right is missing, the gates."""
    opened = open_target(refused.target, config=configuration.load())
    try:
        opened.connection.run(refused.statement).result()
    except StatementError as error:
        if error.code != PERMISSION_DENIED:
            return error.fix
        asked = f"{refused.target.user} {refused.statement}"
        reply = look(opened.connection).why(opened.connection, asked)
        return "\n".join(line for each in reply.parts for line in explained(each))
    finally:
        opened.connection.close()
    return "not refused"
