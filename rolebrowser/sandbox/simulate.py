"""iam:SimulatePrincipalPolicy, which moto lacks: identity policies, boundary and guardrails."""

from __future__ import annotations

from itertools import product

from rolebrowser.identity import policy_principal
from rolebrowser.identity.policy import Answer as Decided
from rolebrowser.identity.policy import Decision, Policies, Request, Source
from rolebrowser.identity.policy_case import evaluate
from rolebrowser.identity.policy_condition import context
from rolebrowser.sandbox import gatekeeper
from rolebrowser.sandbox.organisation import Guardrails
from rolebrowser.sandbox.wire import Answer, Call, Refused, element, members, result

_WORDS = {True: "explicitDeny", False: "implicitDeny"}


class Simulator:
    """The simulator, which knows an organization's policies too."""

    def __init__(self, guardrails: Guardrails) -> None:
        self._guardrails = guardrails

    def answer(self, call: Call) -> Answer | None:
        """The simulation, to one who may ask for it; None for any other call.

        Raises Refused: an assumed role's ARN, or nobody of that ARN.
        """
        if (call.signed.service, call.action) != ("iam", "SimulatePrincipalPolicy"):
            return None
        call.authorise("iam:SimulatePrincipalPolicy", "*")
        source = call.form.get("PolicySourceArn", "")
        if ":assumed-role/" in source or not source.startswith("arn:aws:iam::"):
            raise Refused("InvalidInput", f"Invalid Entity Arn: {source}", 400)
        role = source if ":role/" in source else ""
        holder = gatekeeper.holder_of(source, role)
        if holder is None:
            raise Refused("NoSuchEntity", f"The entity {source} cannot be found.", 404)
        actions = members(call.form, "ActionNames")
        resources = members(call.form, "ResourceArns") or ["*"]
        account = gatekeeper.account_of(source)
        scps = self._guardrails.levels(account)
        policies = Policies(
            identity=gatekeeper.identity_policies(holder),
            boundary=gatekeeper.boundary_of(holder),
            scps=scps,
        )
        who = policy_principal.parse(source, role)
        found = ""
        for action, resource in product(actions, resources):
            # The simulator takes keys it isn't given for absent (IAM API Reference).
            request = Request(who, action, resource, who.account, context({}))
            decided = evaluate(request, policies)
            word = _WORDS[decided.explicit]
            if decided.decision is Decision.ALLOW:
                word = "allowed"
            found += (
                "<member>"
                + element("EvalActionName", action)
                + element("EvalResourceName", resource)
                + element("EvalDecision", word)
                + (_organizations(decided) if scps else "")
                + "</member>"
            )
        inner = f"<EvaluationResults>{found}</EvaluationResults><IsTruncated>false</IsTruncated>"
        return result("SimulatePrincipalPolicy", inner)


def _organizations(decided: Decided) -> str:
    """What AWS tells of the organization's part, for accounts that are in one."""
    denied = decided.decision is Decision.DENY
    stopped = denied and any(each.source is Source.SCP for each in decided.reasons)
    said = element("AllowedByOrganizations", "false" if stopped else "true")
    return f"<OrganizationsDecisionDetail>{said}</OrganizationsDecisionDetail>"
