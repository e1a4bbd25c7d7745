"""What the sandbox's VPCs hold: a private one for the databases of each account, and instances.

Data only; `moto_world` puts the subnets into moto, `fleet` answers for the instances.
"""

from __future__ import annotations

from dataclasses import dataclass

from rolebrowser.sandbox.world import HOME_REGION, PRODUCTION, STAGING

SUBNET_GROUP = "private"
"""Of every database."""


@dataclass(frozen=True, slots=True)
class WorldInstance:
    """An EC2 instance.

    Attributes:
        private: it is in the databases' VPC; else in another.
        online: its SSM agent answers.
    """

    id: str
    name: str
    account: str
    private: bool = True
    online: bool = True
    region: str = HOME_REGION


INSTANCES = (
    WorldInstance("i-0a11ce5714001bee1", "worker-1", STAGING),
    WorldInstance("i-0ba5710457a6e0001", "bastion", STAGING),
    WorldInstance("i-0de1e7ed57a6e0002", "old-bastion", STAGING, online=False),
    WorldInstance("i-0e15e3e4e57a6e003", "data-lab", STAGING, private=False),
    WorldInstance("i-0ba57104960d00001", "bastion", PRODUCTION),
)
