"""Session Manager's port forwarding to a remote host, through an instance of the database's VPC.

StartSession is ours, the bytes are the stock session-manager-plugin's, run as the AWS CLI runs it
(awscli/customizations/sessionmanager.py): plugins newer than 1.2.497.0 take the session's token
from an environment variable, older ones from argv.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rolebrowser.cancel import Cancel, bounded
from rolebrowser.database import tunnel_words
from rolebrowser.database.instances import Instance, Reach, reach
from rolebrowser.database.model import Database, partition
from rolebrowser.database.tunnel import HERE, Launch
from rolebrowser.database.tunnel_ssh import program_or_error
from rolebrowser.errors import AwsError, RouteError
from rolebrowser.identity import handout
from rolebrowser.identity.aws_errors import DENIED, translated
from rolebrowser.identity.clients import session_client
from rolebrowser.identity.model import Session
from rolebrowser.route import AUTO

PLUGIN = "session-manager-plugin"
DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
_LAST_WITHOUT_VARIABLE = (1, 2, 497, 0)
_VERSION = re.compile(r"\d+(?:\.\d+){0,3}")
_INSTALL = (
    'Install it (AWS Systems Manager User Guide, "Install the Session Manager plugin"; on macOS: '
    "brew install --cask session-manager-plugin), or take another route."
)


@dataclass
class Ssm:
    """A `tunnel.Launcher`.

    Attributes:
        wanted: an instance's id, "tag:KEY=VALUE" or "auto".
        database: what to find an instance near to.
        host, port: what the instance dials.
        session: a session that lives; asked at each start.
        seconds: for each AWS call.
        chosen: the instance of the last start.
    """

    wanted: str
    database: Database
    host: str
    port: int
    session: Callable[[], Session]
    seconds: float
    chosen: Instance | None = None

    @property
    def means(self) -> str:
        """What it is, the instance included once it is known."""
        if self.chosen is not None:
            return f"SSM through {self.chosen}"
        return "SSM through an instance" if self.wanted == AUTO else f"SSM through {self.wanted}"

    def launch(self, port: int, cancel: Cancel) -> Launch:
        """The plugin, on a session that was just started."""
        program = program_or_error(PLUGIN, _INSTALL)
        session = self.session()
        region = self.database.region or session.region
        self.chosen = self._choose(session, cancel)
        request = {
            "Target": self.chosen.id,
            "DocumentName": DOCUMENT,
            "Parameters": {
                "host": [self.host],
                "portNumber": [str(self.port)],
                "localPortNumber": [str(port)],
            },
        }
        client = session_client(session, "ssm", region)
        answer = json.dumps(self._start(client, request, session, cancel))
        environ = handout.environment(os.environ, handout.variables(session))
        environ["SSM_PLUGIN_LOCAL_HOST"] = HERE
        if _takes_variable(program):
            environ[_VARIABLE], answer = answer, _VARIABLE
        # No profile: the plugin acts as the session in its environment, a role on top included.
        given = [region, "StartSession", "", json.dumps(request), client.meta.endpoint_url]
        # SIGTERM would leave the session open at AWS until it has been idle for long.
        return Launch([program, answer, *given], environ, signal.SIGINT)

    def explain(self, code: int, words: str) -> RouteError:
        """Why the plugin ended."""
        return tunnel_words.explain(tunnel_words.SSM, self.means, code, words)

    def _choose(self, session: Session, cancel: Cancel) -> Instance:
        if self.wanted != AUTO and not self.wanted.startswith("tag:"):
            return Instance(self.wanted)
        found = self._reach(session, cancel)
        instances = found.instances
        if self.wanted != AUTO:
            key, _, value = self.wanted.removeprefix("tag:").partition("=")
            instances = tuple(each for each in instances if dict(each.tags).get(key) == value)
        unsure = self.wanted == AUTO and (not found.vpc or bool(found.partial))
        if len(instances) == 1 or (instances and not unsure):
            return next(iter(instances))
        raise self._nobody(instances, " ".join(found.partial), found.vpc)

    def _reach(self, session: Session, cancel: Cancel) -> Reach:
        fix = "Name the instance: --route ssm:i-…, or ssm in config.toml."
        try:
            return bounded(
                lambda: reach(session, self.database),
                cancel=cancel,
                limit=self.seconds,
                what="Looking for an instance to forward through",
                fix=fix,
            )
        except AwsError as error:
            if error.code not in DENIED:
                raise
            what = "Looking for an instance to forward through is not allowed."
            raise RouteError(what, why=error.why, fix=fix, code="route-denied") from None

    def _nobody(self, instances: tuple[Instance, ...], partial: str, vpc: str) -> RouteError:
        if instances:
            some = ", ".join(str(each) for each in instances[:5])
            return RouteError(
                f"Which instance leads to {self.database.id} can't be told.",
                why=partial or "AWS doesn't say which VPC the database is in.",
                fix=f"Name one, in config.toml or as --route ssm:INSTANCE: {some}.",
                code="route-target",
            )
        where = f"the VPC {vpc} of {self.database.id}" if vpc else f"{self.database.region}"
        which = "" if self.wanted == AUTO else f" with {self.wanted}"
        return RouteError(
            f"Systems Manager reaches no instance{which} in {where}.",
            why=partial,
            fix="Start one whose SSM agent is online (aws ssm describe-instance-information), or "
            "take another route.",
            code="route-target",
        )

    def _start(
        self, client: Any, request: dict[str, Any], session: Session, cancel: Cancel
    ) -> dict[str, str]:
        def ask() -> dict[str, str]:
            with translated("ssm:StartSession", profile=session.profile):
                answer = client.start_session(**request)
            return {name: answer[name] for name in ("SessionId", "TokenValue", "StreamUrl")}

        try:
            return bounded(
                ask,
                cancel=cancel,
                limit=self.seconds,
                what="Starting a Session Manager session",
            )
        except AwsError as error:
            raise self._refused(error) from None

    def _refused(self, error: AwsError) -> RouteError | AwsError:
        assert self.chosen is not None
        if error.code == "TargetNotConnected":
            return RouteError(
                f"The instance {self.chosen} is not connected to Systems Manager.",
                why=error.why,
                fix="Is it running, its SSM agent up, AmazonSSMManagedInstanceCore on its role and "
                "the SSM endpoints reachable from it? Or choose another instance.",
                code="route-target",
            )
        if error.code in DENIED:
            return RouteError(
                f"ssm:StartSession on {self.chosen} is not allowed.",
                why=error.why,
                fix=f"Add this statement to the session's policies:\n{self._statement()}",
                code="route-denied",
            )
        return error

    def _statement(self) -> str:
        assert self.chosen is not None
        region, account = self.database.region, self.database.account or "*"
        aws = f"arn:{partition(region)}"
        statement = {
            "Effect": "Allow",
            "Action": "ssm:StartSession",
            "Resource": [
                f"{aws}:ec2:{region}:{account}:instance/{self.chosen.id}",
                f"{aws}:ssm:{region}::document/{DOCUMENT}",
            ],
        }
        return json.dumps(statement, indent=2)


def _takes_variable(program: str) -> bool:
    """Whether the plugin reads the session's answer from its environment.

    One whose version can't be read is taken for an old one, as the AWS CLI does.
    """
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise RouteError(
            f"{PLUGIN} can't be run.", why=str(error), fix=_INSTALL, code="route-program"
        ) from None
    if not _VERSION.fullmatch(said):
        return False
    numbers = tuple(int(each) for each in said.split("."))
    return numbers + (0,) * (4 - len(numbers)) > _LAST_WITHOUT_VARIABLE
