"""Policy and trust documents of the sandbox's world, as IAM writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]


def policy(*statements: Document) -> Document:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Document:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> Document:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def trust(principal: Document, condition: Document | None = None) -> Document:
    """A trust policy with one statement."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
    }
    if "Federated" in principal:
        saml = "saml-provider" in str(principal["Federated"])
        statement["Action"] = "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity"
    if condition:
        statement["Condition"] = condition
    return policy(statement)
