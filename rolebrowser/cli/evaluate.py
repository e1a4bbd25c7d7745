"""`rolebrowser evaluate`: IAM requests decided offline, from documents alone."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click

from rolebrowser.errors import RolebrowserError


@click.command()
@click.option(
    "--request",
    "source",
    type=click.File("r", encoding="utf-8-sig", lazy=False),
    required=True,
    metavar="FILE",
    help="A JSON file: a request, or an array of requests; - is stdin.",
)
def evaluate(source: TextIO) -> int:
    """Decide IAM requests from policy documents, without AWS.

    A request is an object of principal, action, resource, resourceAccount, context,
    identityPolicies [{name, policy}], resourcePolicy, permissionBoundaries, sessionPolicy,
    serviceControlPolicies [{orgIdentifier, policies}], resourceControlPolicies. Prints verdict
    (allow, deny, unknown), explicit and reasons; for an array an array, in its order.

    A malformed policy makes the answer unknown, with the reason. A request that is itself malformed
    (no action …) fails with a sentence and status 1; within an array it is unknown, so that the
    others are answered.
    """
    from rolebrowser.identity.policy_request import answer, asked_wrongly

    given = _read(source)
    wrong = "" if isinstance(given, list) else asked_wrongly(given)
    if wrong:
        raise RolebrowserError(
            f"{source.name} holds no request that can be decided.",
            why=wrong,
            fix="rolebrowser evaluate --help lists what a request consists of.",
        )
    answers = [answer(each) for each in given] if isinstance(given, list) else answer(given)
    # Names come out of foreign documents: ASCII can be printed anywhere.
    click.echo(json.dumps(answers, indent=2))
    return 0


def _read(source: TextIO) -> Any:
    from rolebrowser.identity.policy_document import loads

    try:
        return loads(source.read())
    except (ValueError, RecursionError) as error:
        raise RolebrowserError(
            f"{source.name} is not JSON that can be read.", why=str(error)
        ) from None
